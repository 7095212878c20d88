"""What happens to the bytes of one direction between their being read and their being written: when, in what pieces."""

import math
import random
from collections import deque

from chatproof_conformance.apps.tap.proxy.endpoint import End
from chatproof_conformance.apps.tap.proxy.faults import ANY, NONE, Faults

PAUSE = 0.001
"""Seconds between the pieces of a split write: together they would be read as one."""
_LONGEST_RANDOM_PIECE = 64
_LAST_RANDOM_BYTE = 2000


class Shaper:
    """Holds what is to be written, each piece until its moment. With no faults that is at once, in one piece.

    Attributes:
        held: how many bytes wait.
        cut_at, stall_at: after how many bytes the direction is cut or stalls; None: never.
        stall_seconds: for how long it stalls; None: for ever.
        is_active: whether it changes anything.
    """

    def __init__(self, faults: Faults, seed: str) -> None:
        self.held = 0
        self.is_active = faults != NONE
        self._faults = faults
        self._chance = random.Random(seed)  # noqa: S311  repeatable chance, no secrets
        self.cut_at = self._place(faults.cut)
        self.stall_at = self._place(faults.stall)
        self.stall_seconds = faults.stall_seconds
        self._queue: deque[tuple[float, bytes | End]] = deque()
        self._gathered = bytearray()
        self._gathered_until = math.inf
        self._last_due = 0.0

    def put(self, data: bytes, now: float) -> None:
        """Take what was read at a moment."""
        self.held += len(data)
        if not self._faults.coalesce:
            self._shape(data, now)
            return
        self._release_due(now)
        if not self._gathered:
            self._gathered_until = now + self._faults.coalesce
        self._gathered += data

    def put_end(self, now: float) -> None:
        """Take the end of the stream: it follows everything else."""
        self._queue.append((self.moment_of_end(now), End.FIN))

    def moment_of_end(self, now: float) -> float:
        """Return when an end that was read now is passed on: gathered bytes are waited for no longer."""
        self._release(now)
        return self._due(now)

    def take(self, now: float) -> bytes | End | None:
        """Return what is to be written now, None if nothing is."""
        self._release_due(now)
        if not self._queue or self._queue[0][0] > now:
            return None
        item = self._queue.popleft()[1]
        if isinstance(item, bytes):
            self.held -= len(item)
        return item

    def put_back(self, rest: bytes) -> None:
        """Take back what could not be written yet."""
        self.held += len(rest)
        self._queue.appendleft((0.0, rest))

    @property
    def next_due(self) -> float | None:
        """The moment at which something can be taken, None if nothing is held."""
        first = self._queue[0][0] if self._queue else math.inf
        moment = min(first, self._gathered_until)
        return None if moment == math.inf else moment

    def clear(self) -> None:
        """Drop everything."""
        self._queue.clear()
        self._gathered.clear()
        self._gathered_until = math.inf
        self.held = 0

    def _release_due(self, now: float) -> None:
        if now >= self._gathered_until:
            self._release(self._gathered_until)

    def _release(self, moment: float) -> None:
        if self._gathered:
            data = bytes(self._gathered)
            self._gathered.clear()
            self._gathered_until = math.inf
            self._shape(data, moment)

    def _shape(self, data: bytes, moment: float) -> None:
        due = self._due(moment)
        for piece in self._pieces(data):
            self._queue.append((due, piece))
            self._last_due = due
            due += PAUSE

    def _due(self, moment: float) -> float:
        faults = self._faults
        later = faults.delay + (self._chance.random() * faults.jitter if faults.jitter else 0.0)
        again = PAUSE if faults.split is not None and self._last_due else 0.0
        self._last_due = max(moment + later, self._last_due + again)
        return self._last_due

    def _pieces(self, data: bytes) -> list[bytes]:
        size = self._faults.split
        if size is None:
            return [data]
        pieces = []
        while data:
            length = size if size != ANY else self._chance.randint(1, _LONGEST_RANDOM_PIECE)
            pieces.append(data[:length])
            data = data[length:]
        return pieces

    def _place(self, count: int | None) -> int | None:
        return self._chance.randint(1, _LAST_RANDOM_BYTE) if count == ANY else count
