"""The verdict that a user gets: what is printed, and the exit code."""

import re
import shlex
import socket

import pytest

from chatproof_schemas import requirements


def test_the_bundled_server_conforms_in_every_requirement_of_a_server(run_check):
    done = run_check()
    passed = re.findall(r"^  ✓ ([A-Z]+-\d+) ", done.stdout, re.MULTILINE)
    assert passed == [id_ for id_, row in requirements().items() if row.section != "CLIENT"], done.stdout
    assert f"The server conforms. {len(passed)} passed of {len(passed)} requirements" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_evidence_is_counted(check_server):
    counts = re.search(
        r"([\d,]+) deliveries seen, ([\d,]+) absences verified, ([\d,]+) frames checked",
        check_server("baseline", "nobody_else_gets_any_of_it", "names_that_contain_each_other").stdout,
    )
    assert counts
    assert all(int(count.replace(",", "")) > 0 for count in counts.groups())


def test_a_broken_must_fails_with_all_that_is_needed_to_mend_it(check_server):
    done = check_server("private-to-everyone", "nobody_else_gets_any_of_it")
    assert done.returncode == 1
    finding = done.stdout[done.stdout.index("\nFAIL PRIVATE-2 (MUST)") :]
    for part in ("expected  ", "actual    ", "frames    ", "case      ", "repeat    chatproof check --command "):
        assert part in finding
    assert "The server does not conform." in finding


def test_the_repeat_line_repeats_the_failure(check_server, run_check):
    printed = check_server("blank-line-refused", "blank_lines_are_ignored", "--strict").stdout
    line = re.search(r"^  repeat    chatproof check (.*)$", printed, re.MULTILINE)
    assert line
    again = run_check(*shlex.split(line[1]), "--strict")
    assert again.returncode == 1
    assert "WARNING FRAME-7" in again.stdout


def test_a_broken_should_is_a_warning_unless_strict(check_server):
    lenient = check_server("join-in-other-words", "the_words_of_the_notice")
    assert lenient.returncode == 0
    assert "WARNING JOIN-3 (SHOULD)" in lenient.stdout
    strict = check_server("join-in-other-words", "the_words_of_the_notice", "--strict")
    assert strict.returncode == 1
    assert "The server does not conform strictly." in strict.stdout


def test_nothing_can_be_said_where_nothing_listens(run_check):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        done = run_check(address)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"chatproof check: no connection to {address}: Connection refused\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["localhost:99999"], "'localhost:99999' is no target; write HOST:PORT"),
        (["http://localhost:1"], "'http://localhost:1' is no target"),
        (["a:1", "b:2"], "give one target, not 2"),
        (["NOPE"], "nothing is called NOPE; `chatproof check --list` shows what can be selected"),
        (["JOIN", "CLIENT-1"], "nothing is called CLIENT-1"),
        (["localhost:1", "--command", "x {port}"], "give HOST:PORT or --command, not both"),
        (["localhost:1", "--announce", "stdin"], "--announce stdin needs --command"),
        (["--command", "server 12345"], "--command must contain {port}"),
        (["--command", "'server {port}"], "cannot be split into words: No closing quotation"),
        (["--announce", "wall"], "--announce must contain {text}"),
        (["--command", "no-such-program-anywhere {port}"], "the command cannot be run: No such file or directory"),
        (["--command", "false {port}"], "the command ended with exit status 1 before it listened"),
        (["--seed", "x"], "argument --seed: 'x' is no whole number"),
        (["--budget", "0"], "argument --budget: '0' is no number of seconds above 0"),
        (["--framing", "crlf"], "argument --framing: invalid choice: 'crlf'"),
    ],
)
def test_what_cannot_be_run_is_explained_in_a_line(run_check, words, complaint):
    done = run_check(*words)
    assert done.returncode == 2
    assert complaint in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr + done.stdout


def test_a_command_that_dies_has_its_last_words_shown(run_check):
    done = run_check("--command", """python3 -c 'raise SystemExit("no license found")' {port}""")
    assert done.returncode == 2
    assert "exit status 1 before it listened; its last words: no license found" in done.stderr
