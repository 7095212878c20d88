"""One direction of a tapped connection: what is read at one side is written at the other, unchanged.

If the target does not take what it is given, the source is read no further: so the tap passes back-pressure on, and
holds little.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chatproof_conformance.apps.tap.proxy.endpoint import End, Endpoint
from chatproof_conformance.apps.tap.proxy.shaping import Shaper

_MOST_HELD = 16_384
"""Bytes that faults may hold back before the source is read no further."""
_READ_WHOLE, _READ_SHAPED = 262_144, 8192

Item = bytes | End


def _ignore(_: Item) -> None:
    pass


@dataclass(slots=True)
class Pipe:
    """One direction.

    Attributes:
        source, target: from where, to where.
        shaper: decides when and in what pieces.
        arrived: called with what was read, just after it was.
        leaving: called with what is about to be written, or with the end of the stream just before it.
        discards: whether what is read is dropped: the tap has cut the connection.
        cut: whether the place at which it is to be cut has been reached.
        reset: whether the reset of the source is to be passed on.
    """

    source: Endpoint
    target: Endpoint
    shaper: Shaper
    arrived: Callable[[Item], None] = _ignore
    leaving: Callable[[Item], None] = _ignore
    discards: bool = False
    cut: bool = False
    reset: bool = False
    _passed: int = 0
    _stalled_until: float = 0.0
    _reset_due: float = math.inf
    _unsent: memoryview = field(default_factory=lambda: memoryview(b""))

    @property
    def blocked(self) -> bool:
        """Whether the target does not take what it was given."""
        return bool(self._unsent)

    @property
    def holds(self) -> bool:
        """Whether something that was read has not been passed on."""
        return self.blocked or self.shaper.next_due is not None

    @property
    def reads_on(self) -> bool:
        """Whether the source is to be read."""
        if self.source.ended:
            return False
        return self.discards or not (self.blocked or self.shaper.held >= _MOST_HELD or self._stalls(time.monotonic()))

    @property
    def finished(self) -> bool:
        """Whether the source has ended, and its end was passed on."""
        return self.source.ended and self.target.finished

    @property
    def next_moment(self) -> float:
        """When there will be something to do without an event of a socket; infinite if nothing waits."""
        due = self.shaper.next_due
        held_until = math.inf if due is None or self.blocked else max(due, self._stalled_until)
        wakes = self._stalled_until if self._stalls(time.monotonic()) else math.inf
        return min(held_until, wakes, self._reset_due)

    def read(self) -> None:
        """Read once, and pass on what is due."""
        item = self.source.read(_READ_SHAPED if self.shaper.is_active else _READ_WHOLE)
        if item is not None:
            self.take(item)

    def take(self, item: Item) -> None:
        """Take what was read."""
        self.arrived(item)
        now = time.monotonic()
        if item is End.RST:
            self.source.ended = True
            self._reset_due = now if self.discards else self.shaper.moment_of_end(now)
        elif not self.discards and isinstance(item, bytes):
            self.shaper.put(item, now)
        elif not self.discards:
            self.shaper.put_end(now)
        self.pump(now)

    def pump(self, now: float) -> None:
        """Write what is due, as far as the target takes it."""
        if self.blocked:
            self._unsent = self.target.write(self._unsent)
        while not (self.blocked or self.cut or self._stalls(now)):
            item = self.shaper.take(now)
            if item is None:
                break
            if isinstance(item, bytes):
                self._write(item, now)
            else:
                self.leaving(item)
                self.target.finish()
        # A reset overtakes what the target does not take.
        self.reset = now >= self._reset_due

    def discard(self) -> None:
        """Pass nothing on from now on."""
        self.discards = True
        self.shaper.clear()
        self._unsent = memoryview(b"")

    def _write(self, data: bytes, now: float) -> None:
        shaper = self.shaper
        limits = [at - self._passed for at in (shaper.cut_at, shaper.stall_at) if at is not None]
        size = min(limits, default=len(data))
        if len(data) > size:
            shaper.put_back(data[size:])
            data = data[:size]
        if data:
            self.leaving(data)
            self._passed += len(data)
            self._unsent = self.target.write(memoryview(data))
        self.cut = self._passed == shaper.cut_at
        if self._passed == shaper.stall_at:
            self._stalled_until = math.inf if shaper.stall_seconds is None else now + shaper.stall_seconds
            shaper.stall_at = None

    def _stalls(self, now: float) -> bool:
        return now < self._stalled_until
