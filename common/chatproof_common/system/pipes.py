"""The pipes to and from a process as what can be waited for beside sockets, and never blocks us.

Windows can wait for sockets only, so there a thread pumps what passes a pipe through a pair of sockets.
"""

import contextlib
import os
import socket
import sys
import threading
from typing import IO, Protocol

_CHUNK = 262_144
_PUMPED_BYTES = 65_536


class OutputPipe(Protocol):
    """What comes from a process."""

    def fileno(self) -> int:
        """Return the descriptor that can be waited for."""

    def read(self) -> bytes:
        """Return what has come, empty at the end.

        Raises:
            BlockingIOError: if nothing has.
        """

    def close(self) -> None:
        """Read no more; again is harmless."""


class InputPipe(Protocol):
    """What goes to a process.

    Attributes:
        closed: whether our end is closed.
    """

    @property
    def closed(self) -> bool:
        """Whether our end is closed."""

    def fileno(self) -> int:
        """Return the descriptor that can be waited for."""

    def write(self, data: "bytes | memoryview") -> int:
        """Write what is taken just now; return how much that is.

        Raises:
            BlockingIOError: if that is nothing.
            OSError: if nobody reads it any more.
        """

    def close(self) -> None:
        """End it; again is harmless."""


def output_pipe(pipe: IO[bytes]) -> OutputPipe:
    """Return the reading end of an unbuffered pipe as what can be waited for."""
    return PumpedOutput(pipe) if sys.platform == "win32" else _PlainPipe(pipe)


def input_pipe(pipe: IO[bytes]) -> InputPipe:
    """Return the writing end of an unbuffered pipe as what can be waited for."""
    return PumpedInput(pipe) if sys.platform == "win32" else _PlainPipe(pipe)


class _PlainPipe:
    """A pipe that can be waited for as it is."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        if sys.platform != "win32":
            os.set_blocking(pipe.fileno(), False)

    @property
    def closed(self) -> bool:
        return self._pipe.closed

    def fileno(self) -> int:
        return self._pipe.fileno()

    def read(self) -> bytes:
        return os.read(self._pipe.fileno(), _CHUNK)

    def write(self, data: "bytes | memoryview") -> int:
        return os.write(self._pipe.fileno(), data)

    def close(self) -> None:
        self._pipe.close()


class _Pumped:
    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._socket, self._far = socket.socketpair()
        self._socket.setblocking(False)  # noqa: FBT003  the standard library's signature
        threading.Thread(target=self._pump, name="pump", daemon=True).start()

    @property
    def closed(self) -> bool:
        """Whether our end is closed."""
        return self._socket.fileno() < 0

    def fileno(self) -> int:
        """Return the descriptor of our socket."""
        return self._socket.fileno()

    def close(self) -> None:
        """End it: the thread closes the pipe when it has passed on what is on its way."""
        self._socket.close()

    def _pump(self) -> None:
        raise NotImplementedError


class PumpedOutput(_Pumped):
    """What a thread reads from a pipe."""

    def read(self) -> bytes:
        """Return what has come, empty at the end; a BlockingIOError if nothing has."""
        return self._socket.recv(_CHUNK)

    def _pump(self) -> None:
        with self._far, self._pipe, contextlib.suppress(OSError, ValueError):  # our end is closed
            while data := self._pipe.read(_PUMPED_BYTES):
                self._far.sendall(data)


class PumpedInput(_Pumped):
    """What a thread writes to a pipe."""

    def write(self, data: "bytes | memoryview") -> int:
        """Hand over what is taken just now; a BlockingIOError if that is nothing, an OSError if nobody reads it."""
        return self._socket.send(data)

    def _pump(self) -> None:
        with self._far, contextlib.suppress(OSError, ValueError), self._pipe:  # nobody reads it any more
            while data := self._far.recv(_PUMPED_BYTES):
                rest = memoryview(data)
                while rest:
                    rest = rest[self._pipe.write(rest) :]
