import os
import signal
import sys

import pytest

from chatproof_common.system.processes import OURS, PIPE, Process, described_status, run, shell_status

SECONDS = 30.0
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done"


@pytest.mark.parametrize(
    ("status", "described", "as_a_shell"),
    [
        (0, "exit status 0", 0),
        (3, "exit status 3", 3),
        (-signal.SIGSEGV, "signal SIGSEGV", 139),
        (-40, "signal 40", 168),
    ],
)
def test_an_exit_status_is_described(status, described, as_a_shell):
    assert described_status(status) == described
    assert shell_status(status) == as_a_shell


def test_what_a_process_writes_is_returned_when_it_has_ended():
    process = Process(["sh", "-c", "printf é; echo oops >&2; exit 4"], stdout=PIPE, stderr=PIPE)
    assert process.finish(SECONDS) == ("é", "oops\n")
    assert process.status == 4


def test_a_process_has_our_environment_and_what_is_added_to_it():
    process = Process(["sh", "-c", 'echo "$ADDED $PATH"'], stdout=PIPE, more_environment={"ADDED": "more"})
    assert process.finish(SECONDS)[0] == f"more {os.environ['PATH']}\n"


def test_a_program_that_is_not_there_cannot_be_started():
    with pytest.raises(FileNotFoundError):
        Process(["/no/such/program"])


def test_a_process_that_runs_on_is_waited_for_in_vain_and_then_stopped():
    process = Process(["sleep", "1000"], stdout=PIPE)
    assert process.status is None
    assert process.wait(0.0) is None
    with pytest.raises(TimeoutError):
        process.finish(0.0)
    process.stop(SECONDS)
    assert process.status == -signal.SIGTERM
    process.stop(0.0)


def test_a_process_that_does_not_stop_when_it_is_asked_to_is_killed():
    process = Process(["sh", "-c", STUBBORN], stdout=PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.stop(0.2)
    assert process.status == -signal.SIGKILL


def test_a_process_can_be_interrupted_as_by_ctrl_c():
    program = "try:\n print('ready', flush=True)\n input()\nexcept KeyboardInterrupt: print('interrupted')"
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w"):
        process = Process([sys.executable, "-c", program], stdin=stdin, stdout=PIPE, stderr=OURS)
        assert process.stdout.readline() == b"ready\n"
        process.interrupt()
        assert process.finish(SECONDS)[0] == "interrupted\n"


def test_a_program_is_run_to_its_end_or_for_so_long():
    assert run(["sh", "-c", "cat; echo dropped; exit 5"], SECONDS) == 5
    with pytest.raises(TimeoutError, match="timed out"):
        run(["sleep", "1000"], 0.1)
