"""How a check ends before its time, and what others on the same server have to do with it: nothing."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.bystander import Bystander
from support.commands import running, server_command

CHECK = [Path(sys.executable).with_name("chatproof"), "check"]
MOST_SECONDS_TO_END = 3
"""A second on a machine with nothing else to do."""


def started(folder, *words):
    return subprocess.Popen(
        [*CHECK, *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("more", [0.0, 1.5, 3.0])
def test_ctrl_c_ends_it_at_any_moment_with_what_is_known(tmp_path, more):
    with started(tmp_path, *server_command("private-to-everyone"), "--budget", "30") as process:
        try:
            printed = ""
            while "FAIL PRIVATE-2" not in printed:
                line = process.stdout.readline()
                assert line, printed
                printed += line
            time.sleep(more)
            process.send_signal(signal.SIGINT)
            asked = time.monotonic()
            printed += process.stdout.read()
            assert process.wait(30) == 130
            assert time.monotonic() - asked < MOST_SECONDS_TO_END
        finally:
            process.kill()
    assert "Traceback" not in printed
    assert "you ended the run" in printed
    assert re.search(r"✗ .*PRIVATE-2", printed)


def test_ctrl_c_ends_it_while_the_server_starts(tmp_path):
    program = tmp_path / "server.py"
    program.write_text("import time; print('not yet', flush=True); time.sleep(600)")
    with started(tmp_path, "--command", f"{sys.executable} {program} {{port}}") as process:
        try:
            assert "Checking" in process.stdout.readline()
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            asked = time.monotonic()
            printed = process.stdout.read()
            assert process.wait(30) == 130
            assert time.monotonic() - asked < MOST_SECONDS_TO_END
        finally:
            process.kill()
    assert "Traceback" not in printed


@pytest.mark.long
def test_two_checks_of_one_running_server_at_once_do_not_disturb_each_other(tmp_path):
    with running("baseline") as address:
        # Each sees the traffic of both, a million frames: what matters is the verdict, not the time.
        both = [started(tmp_path, address, "--seed", "7", "--time-limit", "250") for _ in range(2)]
        for process in both:
            printed = process.communicate(timeout=280)[0]
            assert process.returncode == 0, printed


@pytest.mark.long
def test_a_bystander_who_talks_and_copies_our_texts_changes_nothing(tmp_path):
    with running("baseline") as address, Bystander(address) as bystander:
        process = started(tmp_path, address)
        printed = process.communicate(timeout=120)[0]
        assert process.returncode == 0, printed
        assert bystander.said > 100
