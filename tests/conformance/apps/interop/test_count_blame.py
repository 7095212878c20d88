"""Where one part is faulty, it is blamed and nobody else: a part of what count_blame.py tries, which is all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("count_blame.py")


@pytest.mark.long("has about forty chats, some of which wait for what never comes")
@pytest.mark.timeout(1500)
@pytest.mark.needs("node", "java", "javac", "perl")
@pytest.mark.parametrize("words", [["--every", "15", "--seed", "7"], ["--conforming", "--every", "6"]])
def test_nobody_innocent_is_blamed(words):
    done = subprocess.run([sys.executable, PROGRAM, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    assert " tried; " in done.stdout
