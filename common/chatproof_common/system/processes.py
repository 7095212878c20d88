"""A process that the harness has started: how it ended, its last words, and its end with all that it started."""

import contextlib
import os
import signal
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_LAST_WORDS = 3
_BYTES = 2000


def described_status(status: int) -> str:
    """Return an exit status for a sentence: ``exit status 1``, ``signal SIGSEGV``."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def last_words(output: IO[bytes]) -> str:
    """Return the last lines of a file of output, ready to be appended to a sentence; empty where there are none."""
    with contextlib.suppress(OSError, ValueError):
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - _BYTES))
        lines = output.read().decode("utf-8", "replace").splitlines()
        words = [line.strip() for line in lines if line.strip()][-_LAST_WORDS:]
        if words:
            return "; its last words: " + " / ".join(words)
    return ""


def kill_session(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that leads a session, with whatever it started (a shell's child, say), and wait for it."""
    if process.poll() is None:
        process.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
