"""Processes: started, waited for, asked to stop, ended; and how they ended."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PIPE, NOTHING, OURS = subprocess.PIPE, subprocess.DEVNULL, None
Stream = int | IO[Any] | None
"""What a process has as a standard stream: a file, or one of these three."""


def described_status(status: int) -> str:
    """Return an exit status for a sentence: ``exit status 1``, ``signal SIGSEGV``."""
    if status >= 0:
        return f"exit status {status}"
    named = {one.value: one.name for one in signal.Signals}  # most real-time signals have no name
    return f"signal {named.get(-status, -status)}"


def shell_status(status: int) -> int:
    """Return an exit status as a shell has it: of a process that a signal ended, 128 and the signal's number."""
    return status if status >= 0 else 128 - status


def run(words: Sequence[str], seconds: float) -> int:
    """Run a program to its end, with no input, its output dropped; return its exit status.

    Raises:
        OSError: if it cannot be run; a TimeoutError if it has not ended after ``seconds``, and was killed.
    """
    try:
        done = subprocess.run(  # noqa: S603  the user gave these words to be run
            words, stdin=NOTHING, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(str(error)) from None
    return done.returncode


class Process:
    """A program that we have started; unless it is ``apart``, a Ctrl+C in our terminal reaches it too.

    Attributes:
        words: the program and its arguments.
        pid: its number.
    """

    def __init__(  # noqa: PLR0913  each names itself where it is given
        self,
        words: Sequence[str],
        *,
        stdin: Stream = NOTHING,
        stdout: Stream = NOTHING,
        stderr: Stream = NOTHING,
        more_environment: Mapping[str, str] | None = None,
        apart: bool = False,
    ) -> None:
        """Start it, in our environment and more of it; ``apart``: in its own session.

        Raises:
            OSError: if it cannot be started.
        """
        self.words = tuple(words)
        self._popen = subprocess.Popen(  # noqa: S603  to run what the caller says is the purpose
            words,
            bufsize=0,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=os.environ | (more_environment or {}),
            start_new_session=apart,
        )
        self.pid = self._popen.pid

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal that ended it; None while it runs."""
        return self._popen.poll()

    @property
    def stdin(self) -> IO[bytes]:
        """Its standard input, which must be a pipe."""
        assert self._popen.stdin is not None  # noqa: S101  for the type checker
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """Its standard output, which must be a pipe."""
        assert self._popen.stdout is not None  # noqa: S101  for the type checker
        return self._popen.stdout

    def wait(self, seconds: float | None = None) -> int | None:
        """Return its exit status, or None if it still runs after ``seconds``."""
        try:
            return self._popen.wait(None if seconds is None else max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None

    def finish(self, seconds: float | None = None) -> tuple[str, str]:
        """Read its pipes until it has ended; return its output and its errors.

        Raises:
            TimeoutError: if it still runs after ``seconds``.
        """
        try:
            out, errors = self._popen.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from None
        return (out or b"").decode("utf-8", "replace"), (errors or b"").decode("utf-8", "replace")

    def resident_kib(self, *, most: bool = False) -> int:
        """Return its resident memory in KiB, now or at most until now, if the system knows (0 elsewhere)."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text("ascii", "replace")
        except OSError:
            return 0
        member = "VmHWM:" if most else "VmRSS:"
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(member)), 0)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, and return at once; harmless if it has ended."""
        self._popen.terminate()

    def interrupt(self) -> None:
        """Send SIGINT, as Ctrl+C does."""
        self._popen.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Make sure that it has ended."""
        self._popen.kill()
        self._popen.wait()

    def stop(self, seconds: float) -> None:
        """Ask it to stop, read its pipes meanwhile, and kill it if it has not ended after ``seconds``."""
        if self.status is None:
            self.ask_to_stop()
            try:
                self.finish(seconds)
            except TimeoutError:
                self._popen.kill()
                self.finish()
