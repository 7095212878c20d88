"""Waits for many sockets at once. One of which nothing is asked is still watched for a reset."""

import heapq
import itertools
import select
import sys
import time
from collections.abc import Callable
from typing import Any

from chatproof_common.system.waiting import Source

READ, WRITE = select.POLLIN, select.POLLOUT
BROKEN = select.POLLERR | select.POLLHUP
"""A reset, or the end of both directions: reported whatever was asked for."""

Handler = Callable[[int], None]


class Loop:
    """Calls handlers when their sockets (or pipes) are ready or their moment has come; one thread, no locks."""

    def __init__(self) -> None:
        self._epoll = sys.platform == "linux"
        self._poll: Any = select.epoll() if sys.platform == "linux" else select.poll()
        self._watched: dict[int, tuple[int, Handler]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def watch(self, which: Source, mask: int, handler: Handler) -> None:
        """Call the handler with what of the mask (0 is allowed), or of ``BROKEN``, is the case."""
        descriptor = which.fileno()
        before = self._watched.get(descriptor)
        if before is None:
            self._poll.register(descriptor, mask)
        elif before[0] != mask:
            self._poll.modify(descriptor, mask)
        self._watched[descriptor] = (mask, handler)

    def unwatch(self, which: Source) -> None:
        """Forget a socket; harmless if it is not watched."""
        if self._watched.pop(which.fileno(), None) is not None:
            self._poll.unregister(which.fileno())

    def call_at(self, moment: float, call: Callable[[], None]) -> None:
        """Call once at a moment of the monotonic clock."""
        heapq.heappush(self._timers, (moment, next(self._order), call))

    def turn(self, until: float) -> bool:
        """Wait for what comes, at most until a moment, and handle it; return whether anything came."""
        if self._timers:
            until = min(until, self._timers[0][0])
        wait = max(0.0, until - time.monotonic())
        found = self._poll.poll(wait if self._epoll else wait * 1000)
        ready = [(descriptor, mask, self._watched[descriptor][1]) for descriptor, mask in found]
        for descriptor, mask, handler in ready:
            # A handler may close a socket whose number the next one gets: the report is not about that.
            if self._watched.get(descriptor, (0, None))[1] is handler:
                handler(mask)
        return self._call_due() or bool(found)

    def close(self) -> None:
        """Give back what the system lent."""
        if self._epoll:
            self._poll.close()

    def _call_due(self) -> bool:
        now = time.monotonic()
        called = False
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
            called = True
        return called
