"""What a process prints: read for ever, so that it never has to wait for us, and kept within bounds."""

import threading
import time
from collections import deque
from collections.abc import Callable
from math import inf
from typing import IO

_FIRST_BYTES = 64 * 1024
_LAST_BYTES = 256 * 1024
_READ_BYTES = 64 * 1024
_JOINED_SECONDS = 0.01


class BoundedOutput:
    """The first 64 KiB and the last 256 KiB of an output, in pieces with their times.

    Attributes:
        dropped: how many bytes between the two are gone.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.dropped = 0
        self._first: list[tuple[float, bytes]] = []
        self._last: deque[tuple[float, bytes]] = deque()
        self._first_room = _FIRST_BYTES
        self._last_size = 0
        self._lock = threading.Lock()

    def add(self, at: float, data: bytes) -> None:
        """Take note of what came at a time, in seconds of the monotonic clock."""
        with self._lock:
            first, rest = data[: self._first_room], data[self._first_room :]
            if first:
                self._first_room -= len(first)
                _append(self._first, at, first)
            if rest:
                self._last_size += len(rest)
                _append(self._last, at, rest)
            while self._last_size - len(self._last[0][1] if self._last else b"") > _LAST_BYTES:
                gone = len(self._last.popleft()[1])
                self._last_size -= gone
                self.dropped += gone

    def text(self, since: float = -inf, until: float = inf) -> str:
        """Return what came between two times; a line of its own says how much is gone there."""
        with self._lock:
            first, last = list(self._first), list(self._last)
        gap = f"\n… {self.dropped} bytes are left out …\n".encode() if self.dropped else b""
        pieces = [*first, (last[0][0] if last else inf, gap), *last]
        return b"".join(data for at, data in pieces if since <= at <= until).decode("utf-8", "replace")


class Drain:
    """A daemon thread that reads a pipe until its last writer has gone."""

    def __init__(self, pipe: IO[bytes], also: Callable[[bytes], object] | None = None) -> None:
        """Start to read; ``also`` is called with all that is read, in the thread."""
        self.output = BoundedOutput()
        self._pipe, self._also = pipe, also
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait so long until all is read."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with self._pipe:
            while data := self._pipe.read(_READ_BYTES):
                self.output.add(time.monotonic(), data)
                if self._also is not None:
                    self._also(data)


def _append(pieces: "list[tuple[float, bytes]] | deque[tuple[float, bytes]]", at: float, data: bytes) -> None:
    """Add a piece; many small ones at about one time become one, or their number would have no bound."""
    if pieces and at - pieces[-1][0] < _JOINED_SECONDS and len(pieces[-1][1]) + len(data) <= _READ_BYTES:
        at, data = pieces[-1][0], pieces[-1][1] + data
        pieces.pop()
    pieces.append((at, data))
