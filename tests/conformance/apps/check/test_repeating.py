"""The same check many times: the rate of each failure, with another seed each time, some at once."""

import re

from support.commands import chatproof, command

WORDS = ("PRIVATE-2", "--budget", "0.1", "--seed", "5")


def test_a_failure_has_its_rate_and_the_line_that_repeats_it():
    code, output = chatproof("check", "--command", command("private-to-everyone"), *WORDS, "--repeat", 2, "--jobs", 2)
    assert code == 1
    assert "2 times (seeds 5 to 6)" in output
    assert re.search(r"PRIVATE-2 +broken in 2 of 2 runs \(100%\)", output)
    assert len(re.findall(r"repeat +chatproof check .* PRIVATE-2 --seed [56]", output)) == 1


def test_what_is_kept_is_kept_in_all_runs():
    code, output = chatproof("check-client", "CLIENT-7", "--repeat", 2)
    assert code == 0
    assert "kept in all 2 runs: CLIENT-7" in output


def test_a_server_that_does_not_start_is_no_verdict():
    code, output = chatproof("check", "--command", "false {port}", "--repeat", 2)
    assert code == 2
    assert "the command ended with exit status 1 before it listened" in output
    assert "Traceback" not in output


def test_a_failure_of_what_is_not_selected_ends_no_run():
    code, output = chatproof("check", "--command", command("private-to-everyone"), "--fail-fast", "FRAME-6")
    assert code == 0, output
    assert "--fail-fast)" not in output


def test_fail_fast_ends_a_run_at_the_first_failure():
    code, output = chatproof("check", "--command", command("private-to-everyone"), "--fail-fast", "PRIVATE-2")
    assert code == 1
    assert "the first failure ends the run (--fail-fast)" in output
    assert output.count("FAIL PRIVATE-2") == 1
