"""What Ctrl+C does before any handler of ours is there."""

import signal
import subprocess
import sys

_PROGRAM = """
import signal, sys, types
{before}
def main():
    signal.raise_signal(signal.SIGINT)
    return 7
sys.modules["chatproof_common.command_line.main"] = types.SimpleNamespace(main=main)
from chatproof_common.command_line.start import start
sys.exit(start())
"""


def run(before=""):
    program = [sys.executable, "-c", _PROGRAM.format(before=before)]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def test_it_ends_without_a_word():
    done = run()
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_who_is_to_ignore_it_does():
    assert run("signal.signal(signal.SIGINT, signal.SIG_IGN)").returncode == 7
