"""A signal ends a check whenever it comes: with the exit code of an interrupted one, and with all it has started."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatproof_common.system.descendants import find_tagged

CHATPROOF = str(Path(sys.executable).with_name("chatproof"))
BEGAN = 1.5
"""Seconds after which even a busy machine has begun."""


@pytest.mark.parametrize("command", ["check", pytest.param("check-client", marks=pytest.mark.long("as check does"))])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_is_enough(tmp_path, command, number):
    end(tmp_path, command, number, random.uniform(BEGAN, 6))


@pytest.mark.long("forty whole starts")
@pytest.mark.parametrize("command", ["check", "check-client"])
def test_no_moment_is_wrong(tmp_path, command):
    for _ in range(20):
        number = random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        end(tmp_path, command, number, random.uniform(BEGAN, 9))


def end(folder, command, number, seconds):
    """Start a check, send it one signal after a time, and look at how it ends."""
    tag = f"TAG_OF_TEST={os.getpid()}-{time.monotonic()}"
    environment = {**os.environ, **dict([tag.split("=")])}
    words = [CHATPROOF, command, "--budget", "20"]
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            time.sleep(seconds)
            process.send_signal(number)
            asked = time.monotonic()
            printed, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    told = f"{number.name} after {seconds:.2f} s\n{printed}"
    had_said_all = "conforms." in printed and "you ended the run" not in printed  # and was about to end, whatever comes
    asked_to = 128 + number
    assert process.returncode in ((asked_to, 0, -number) if had_said_all else (asked_to,)), told
    assert "Traceback" not in printed, told
    assert "Exception" not in printed, told
    assert time.monotonic() - asked < 30, told
    give_up = time.monotonic() + 30
    while find_tagged(tag):
        assert time.monotonic() < give_up, "something that it has started runs on"
        time.sleep(0.05)
