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


FAULTS = (
    ("joins-under-any-name", "CLIENT-1"),
    ("cuts-long-messages", "CLIENT-2"),
    ("dies-of-nan", "CLIENT-4"),
    ("shows-own-messages-twice", "CLIENT-8"),
    ("hides-failures", "CLIENT-9"),
    ("takes-each-read-for-frames", "CLIENT-3"),
    ("hangs-at-unknown-members", "CLIENT-5"),
    ("takes-itself-for-joined", "CLIENT-6"),
    ("hides-the-end", "CLIENT-7"),
)
QUICK = ("--budget", "0.1")


@pytest.mark.parametrize(
    ("fault", "id_"),
    [
        row if place in (3, 4) else pytest.param(*row, marks=pytest.mark.long("one of many faults"))
        for place, row in enumerate(FAULTS)
    ],
)
def test_a_fault_is_found_with_all_that_is_needed_to_mend_it(run_check_client, fault, id_):
    done = run_check_client(*broken_client(fault), *QUICK, "--time-limit", "200")  # beside others
    assert done.returncode == 1, done.stdout
    finding = done.stdout[done.stdout.index(f"\nFAIL {id_} (MUST)") :]
    for part in ("expected  ", "actual    ", "frames    ", "situation ", "repeat    chatproof check-client --com"):
        assert part in finding
    assert "The client does not conform." in finding


def test_the_repeat_line_repeats_the_failure(run_check_client):
    printed = run_check_client(*broken_client("hides-failures"), *QUICK, "--seed", "1").stdout
    line = re.search(r"^  repeat    chatproof check-client (.*CLIENT-9.*)$", printed, re.MULTILINE)
    assert line
    again = run_check_client(*shlex.split(line[1]), *QUICK)
    assert again.returncode == 1
    assert "FAIL CLIENT-9" in again.stdout


def test_a_client_that_dies_is_named_with_its_last_words_and_started_again(run_check_client):
    done = run_check_client(*broken_client("dies-of-nan"), *QUICK)
    assert "the client's process ended with exit status 3; it printed: no number: NaN" in done.stdout
    assert "CLIENT-8" in done.stdout.partition("✓")[2]


def test_a_selection_judges_just_what_it_names(run_check_client):
    done = run_check_client(*broken_client("cannot-whisper"), "CLIENT-1", "CLIENT-8", *QUICK)
    assert done.returncode == 0, done.stdout
    assert re.findall(r"^  ✓ (.*)$", done.stdout, re.MULTILINE)[0].split() == ["CLIENT-1", "CLIENT-8"]


@pytest.mark.parametrize("words", [(), ("--format", "json-lines")])
def test_a_driver_that_breaks_its_protocol_ends_the_run_at_once(run_check_client, words):
    done = run_check_client(*broken_client("writes-what-is-no-json"), *words)
    assert done.returncode == 2
    assert "the driver wrote what is no JSON object on a line: debug: here" in done.stderr


def test_a_time_limit_ends_the_run_with_what_is_known(run_check_client):
    done = run_check_client(*broken_client("shows-own-messages-twice"), "--time-limit", "8", "--budget", "60")
    assert done.returncode == 1
    assert "FAIL CLIENT-8" in done.stdout
    assert "The run ended early: the time limit of 8 seconds was reached" in done.stdout


def test_the_list_names_every_requirement(run_check_client):
    listed = run_check_client("--list")
    assert listed.returncode == 0
    assert re.findall(r"^  (CLIENT-[0-9]+) +MUST ", listed.stdout, re.MULTILINE) == CLIENT_IDS


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
