"""The process that drives the client under test: JSON lines both ways, as docs/driver-protocol.md says."""

import contextlib
import os
import select
import shlex
import subprocess
import tempfile
import time

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.system.processes import described_status, kill_session, last_words
from chatproof_conformance.core.outcomes import TargetGone

_CHUNK = 262_144
_END_SECONDS = 5.0
_LONGEST_LINE = 4_000_000

BUNDLED = f"{shlex.join(PROGRAM)} client --json-lines"
"""The command line of the bundled reference client."""


class Driver:
    """One process.

    Attributes:
        may_end: whether it is free to end, with exit status 0: it has told that no connection stands.
        fresh: whether it has told nothing yet.
        end_untold: whether it has yet to tell of the end of a connection: that may come when the next one is asked for.
    """

    def __init__(self, command: str) -> None:
        """Start it.

        Raises:
            TargetGone: where the command cannot be run.
        """
        self.may_end = False
        self.fresh = True
        self.end_untold = False
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115  lives as long as the process; `end` closes it
        self._pending = b""
        self._ended = False
        words = shlex.split(command)
        try:
            self._process = subprocess.Popen(  # noqa: S603  the user gave this command to be run
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise TargetGone(f"the command cannot be run: {error.strerror}: {words[0]}") from None
        assert self._process.stdin is not None  # noqa: S101  for the type checker: they are pipes
        assert self._process.stdout is not None  # noqa: S101  the same
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    @property
    def open(self) -> bool:
        """Whether more can come from it."""
        return not self._ended

    def fileno(self) -> int:
        """Return the descriptor on which its lines arrive, for polling."""
        return self._out

    def write(self, line: bytes, seconds: float) -> bool:
        """Write a line; return False where the process takes nothing for so many seconds, or is gone."""
        rest, give_up = line + b"\n", time.monotonic() + seconds
        writable = select.poll()
        writable.register(self._in, select.POLLOUT)
        while rest:
            try:
                rest = rest[os.write(self._in, rest) :]
            except BlockingIOError:  # noqa: PERF203  a full pipe is what this waits for
                if not writable.poll(max(0.0, give_up - time.monotonic()) * 1000):
                    return False
            except OSError:
                return False
        return True

    def read(self) -> list[bytes]:
        """Return the lines that have come and not been read, without their LF; blank ones are left out."""
        try:
            data = os.read(self._out, _CHUNK)
        except BlockingIOError:
            return []
        self._ended = not data
        *lines, self._pending = (self._pending + data).split(b"\n")
        if self._ended or len(self._pending) > _LONGEST_LINE:
            lines, self._pending = [*lines, self._pending], b""
        return [line for line in lines if line.strip()]

    def exit_reason(self) -> str | None:
        """Return how it died, where it was not free to end; None where it lives, or ended as it may."""
        status = self._process.poll()
        if status is None and self._ended:
            # Its output is closed, so it is about to end: how, is worth a moment.
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self._process.wait(1)
        if status is None or (status == 0 and self.may_end):
            return None
        return f"the client's process ended with {described_status(status)}{last_words(self._errors)}"

    def end(self, seconds: float = _END_SECONDS) -> None:
        """End its input, wait for it so long, and kill what is left of it. Harmless when repeated."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._ended = True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        kill_session(self._process)
        self._errors.close()
