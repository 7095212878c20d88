"""The reference client's window, checked through its real window: keys, clicks, and what stands in its history."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from support.commands import run_command

DRIVER = Path(__file__).with_name("window_driver.py")
WORDS = ("--budget", "0.1", "--time-limit", "120", "--seed", "1")


@pytest.mark.long("drives windows with real keys through the conversations of a check")
@pytest.mark.needs("Xvfb", "xdotool")
def test_the_window_conforms(tmp_path):
    command = shlex.join([sys.executable, str(DRIVER)])
    done = run_command("check-client", "--command", command, *WORDS, folder=tmp_path)
    passed = " ".join(re.findall(r"^  ✓ (.*)$", done.stdout, re.MULTILINE)).split()
    # Nothing is asked of CLIENT-14: what was typed as the user left is sent after all, by the driver or the window.
    assert {f"CLIENT-{number}" for number in range(1, 14)} <= {*passed}, done.stdout
    assert not {*re.findall(r"✗ (CLIENT-[0-9]+)", done.stdout)} - {"CLIENT-14"}, done.stdout
    assert done.stderr == ""
