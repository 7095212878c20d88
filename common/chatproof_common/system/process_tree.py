"""A process that ends with all that it has started, whose input and output never block us, with its last words."""

import contextlib
import os
import signal
import tempfile
from collections.abc import Sequence

from chatproof_common.system.processes import PIPE, Process
from chatproof_common.system.waiting import WRITE, Readiness, write_all

_CHUNK = 262_144
_LAST_LINES = 3
_LAST_BYTES = 2000


class ProcessTree(Process):
    """A process in its own session, with whatever it starts there (a shell's child, say)."""

    def __init__(self, words: Sequence[str], *, reads_output: bool = False) -> None:
        """Start it; ``reads_output``: its output is for :meth:`read`, and only its errors are for its last words.

        Raises:
            OSError: if it cannot be started.
        """
        self._said = tempfile.TemporaryFile("a+b")  # noqa: SIM115  lives as long as the process; `end` closes it
        try:
            super().__init__(
                words, stdin=PIPE, stdout=PIPE if reads_output else self._said, stderr=self._said, apart=True
            )
        except OSError:
            self._said.close()
            raise
        self._pipes = [pipe for pipe in (self._popen.stdin, self._popen.stdout) if pipe is not None]
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        self._in = self._pipes[0]
        self._writable = Readiness(self._in, WRITE)

    def fileno(self) -> int:
        """Return the descriptor on which its output arrives."""
        return self.stdout.fileno()

    def write(self, data: bytes, seconds: float) -> bool:
        """Write to its input; return False if it has gone, or has not taken all after ``seconds``."""
        descriptor = -1 if self._in.closed else self._in.fileno()
        return write_all(lambda rest: os.write(descriptor, rest), data, self._writable, seconds)

    def read(self) -> bytes | None:
        """Return what has come of its output, empty at its end; None if nothing has."""
        try:
            return os.read(self.fileno(), _CHUNK)
        except BlockingIOError:
            return None

    def last_words(self) -> str:
        """Return the last lines that it has written, ready to be appended to a sentence; empty if there are none."""
        with contextlib.suppress(OSError, ValueError):
            size = self._said.seek(0, os.SEEK_END)
            self._said.seek(max(0, size - _LAST_BYTES))
            lines = self._said.read().decode("utf-8", "replace").splitlines()
            words = [line.strip() for line in lines if line.strip()][-_LAST_LINES:]
            if words:
                return "; its last words: " + " / ".join(words)
        return ""

    def close_pipes(self) -> None:
        """End its input, and read no more of its output; again is harmless."""
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()

    def end(self, seconds: float) -> None:
        """Wait for its end, then kill what is left of it and of what it has started; again is harmless."""
        self.wait(seconds)
        if self.status is None:
            self._popen.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        self.close_pipes()
        self._said.close()
