"""``chatproof check-client`` as its user runs it: verdicts, exit codes, what is printed."""

import re
import shlex

import pytest

from chatproof_schemas import requirements
from support.commands import broken_client

CLIENT_IDS = [id_ for id_, row in requirements().items() if row.section == "CLIENT"]


@pytest.mark.long("checks a whole client; that of README.md is checked by default")
def test_the_bundled_client_conforms_in_every_requirement_of_a_client(run_check_client):
    done = run_check_client()
    assert re.findall(r"^  ✓ (.*)$", done.stdout, re.MULTILINE)[0].split() == CLIENT_IDS
    assert "The client conforms. 17 passed of 17 requirements" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_evidence_is_counted(run_check_client):
    done = run_check_client("near_json", "its_own_messages_among_others")
    counts = re.search(r"([\d,]+) deliveries seen, ([\d,]+) absences verified, ([\d,]+) frames checked", done.stdout)
    assert counts
    assert all(int(count.replace(",", "")) > 5 for count in counts.groups())


@pytest.mark.parametrize(
    ("fault", "id_", "case"),
    [
        ("joins-under-any-name", "CLIENT-1", "no_join_with_an_invalid_name"),
        ("cuts-long-messages", "CLIENT-2", "messages_far_too_long"),
        ("dies-of-nan", "CLIENT-4", "near_json"),
        ("shows-own-messages-twice", "CLIENT-8", "its_own_message_appears_once"),
        ("hides-failures", "CLIENT-9", "an_undelivered_message_is_shown_as_failed"),
        *(
            pytest.param(*row, marks=pytest.mark.long("waits in vain for what the client does not do"))
            for row in (
                ("takes-each-read-for-frames", "CLIENT-3", "frames_cut_at_every_byte"),
                ("hangs-at-unknown-members", "CLIENT-5", "unknown_members_are_ignored"),
                ("takes-itself-for-joined", "CLIENT-6", "the_reason_of_a_refused_join_is_shown"),
                ("hides-the-end", "CLIENT-7", "the_server_ends_the_connection"),
            )
        ),
    ],
)
def test_a_fault_is_found_with_all_that_is_needed_to_mend_it(run_check_client, fault, id_, case):
    done = run_check_client(*broken_client(fault), case)
    assert done.returncode == 1, done.stdout
    finding = done.stdout[done.stdout.index(f"\nFAIL {id_} (MUST)") :]
    for part in (
        "expected  ",
        "actual    ",
        "frames    ",
        f"case      {case}",
        "repeat    chatproof check-client --com",
    ):
        assert part in finding
    assert "The client does not conform." in finding


def test_generated_traffic_finds_faults_too(run_check_client):
    done = run_check_client(*broken_client("hides-failures"), "generated_traffic", "--seed", "1")
    assert "FAIL CLIENT-9" in done.stdout


def test_the_repeat_line_repeats_the_failure(run_check_client):
    printed = run_check_client(*broken_client("hides-failures"), "some_are_delivered_and_some_are_not").stdout
    line = re.search(r"^  repeat    chatproof check-client (.*)$", printed, re.MULTILINE)
    assert line
    again = run_check_client(*shlex.split(line[1]))
    assert again.returncode == 1
    assert "FAIL CLIENT-9" in again.stdout


def test_a_client_that_dies_is_named_with_its_last_words_and_started_again(run_check_client):
    done = run_check_client(*broken_client("dies-of-nan"), "near_json", "its_own_message_appears_once")
    assert "the client's process ended with exit status 3; it printed: no number: NaN" in done.stdout
    assert "✓ CLIENT-8" in done.stdout


def test_what_the_driver_cannot_do_is_not_tested_with_the_reason(run_check_client):
    done = run_check_client(*broken_client("cannot-whisper"), "an_undelivered_message_is_shown_as_failed")
    assert done.returncode == 2
    assert "not tested: the driver cannot say_privately: no private messages here" in done.stdout


def test_a_driver_that_breaks_its_protocol_leaves_nothing_certain(run_check_client):
    done = run_check_client(*broken_client("writes-what-is-no-json"), "CLIENT-3")
    assert done.returncode == 2
    assert "the driver wrote what is no JSON object on a line: debug: here" in done.stdout


END_IDS = ("CLIENT-16", "CLIENT-17")
"""About ends, which have no input to be generated."""


def test_the_list_names_every_requirement_with_its_cases(run_check_client):
    listed = run_check_client("--list")
    assert listed.returncode == 0
    for id_ in CLIENT_IDS:
        cases = listed.stdout.partition(f"  {id_} ")[2].partition("\n  CLIENT-")[0].splitlines()[1:]
        assert len(cases) >= 2 or id_ == "CLIENT-17"
        assert id_ in END_IDS or any("(generated input)" in case for case in cases), id_


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["NOPE"], "nothing is called NOPE; `chatproof check-client --list` shows what can be selected"),
        (["JOIN-1"], "nothing is called JOIN-1"),
        (["--command", ""], "--command is empty"),
        (["--command", "'x"], "cannot be split into words: No closing quotation"),
        (["--command", "no-such-program-anywhere"], "the command cannot be run: No such file or directory"),
        (["--budget", "0"], "argument --budget: '0' is no number of seconds above 0"),
        (["--listen", "99999"], "argument --listen: '99999' is no port"),
        (["--listen", "0", "CLIENT-1"], "--listen goes with --strict, --save, reports and baselines alone"),
        (["--save", "/dev/null/x", "CLIENT-1"], "no folder can be made there"),
    ],
)
def test_what_cannot_be_run_is_explained_in_a_line(run_check_client, words, complaint):
    done = run_check_client(*words)
    assert done.returncode == 2
    assert complaint in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (
            broken_client("ends-with-an-error")[1],
            "the client's process ended with exit status 1; it printed: no license",
        ),
        ("yes", "the driver wrote what is no JSON object on a line: y"),
        ("""sed -u 's/.*/{"event": "unsupported", "do": "connect"}/'""", "the driver told connect unsupported"),
    ],
)
def test_of_a_client_that_never_connects_nothing_can_be_said(run_check_client, command, why):
    done = run_check_client("--command", command)
    assert done.returncode == 2
    assert why in done.stderr
    assert "docs/driver-protocol.md says how a driver is asked" in done.stderr
    assert "CLIENT-1" not in done.stdout
