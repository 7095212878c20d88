"""Whose turn it is to send: a state machine with three states (docs/server.md), so that no two threads send at once.

Every transition happens under the fan-out's lock, which guards what there is to send too. So no wake-up can be lost:
what is routed during a turn is seen by the ``pass_on()`` that would end it.

It is quiet unless a turn ended less than the time ago that its last batch took to send. While much is said, a router
that sends keeps the interpreter from the others, so that nothing could join what it sends: the flusher does it then.
"""

import enum
import time


class Holder(enum.Enum):
    """Who sends."""

    NOBODY = enum.auto()
    ROUTER = enum.auto()
    """The thread that routed a batch sends it itself: no thread is woken."""
    FLUSHER = enum.auto()
    """The fan-out's own thread sends, until nothing is left."""


NOBODY, ROUTER, FLUSHER = Holder  # by a name of the module: in Python 3.10 and 3.11 one in the enumeration is slow


class Turn:
    """The state, and its two transitions. The caller of each method holds the fan-out's lock."""

    __slots__ = ("_batch_began_at", "holder", "quiet_at")

    def __init__(self) -> None:
        self.holder: Holder = NOBODY
        self.quiet_at = 0.0
        """When it is quiet, unless more is sent until then; on the clock of time.monotonic."""
        self._batch_began_at = 0.0

    def take(self) -> Holder:
        """Give the turn, which nobody has, to who is to send what was just routed; return who that is."""
        self.holder = FLUSHER if time.monotonic() < self.quiet_at else ROUTER
        return self.holder

    def pass_on(self, *, more: bool) -> Holder:
        """Let the flusher have the turn if there is ``more`` to do, else end it; return who has it then."""
        if more:
            self.holder = FLUSHER
        else:
            self.holder = NOBODY
            now = time.monotonic()
            self.quiet_at = now + (now - self._batch_began_at)
        return self.holder

    def begin_batch(self) -> None:
        """Note the time: how long the last batch of a turn took decides when it is quiet again."""
        self._batch_began_at = time.monotonic()
