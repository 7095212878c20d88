"""Waits for many sockets at once. One of which nothing is asked is still watched for a reset."""

import contextlib
import heapq
import itertools
import select
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from chatproof_common.system.waiting import READ, WRITE, Source

__all__ = ["BROKEN", "READ", "RESET", "WRITE", "Handler", "Loop"]

BROKEN = 8 | 16
"""A reset, or the end of both directions: reported whatever was asked for. Linux calls them EPOLLERR and EPOLLHUP."""
RESET = 32
"""A reset that was found by looking: the system will not report it again. Only with ``BROKEN``."""
_PEEK_SECONDS = 0.05
"""How often a socket of which nothing is asked is looked at, if the system does not report its reset."""

Handler = Callable[[int], None]


class _Poller(Protocol):
    def register(self, which: Source, mask: int) -> None: ...
    def modify(self, which: Source, mask: int) -> None: ...
    def unregister(self, which: Source) -> None: ...
    def poll(self, seconds: float) -> list[tuple[int, int]]: ...
    def close(self) -> None: ...


class PeekingPoller:
    """Waits as the system can, and peeks at those of which nothing is asked: only Linux reports their resets."""

    def __init__(self) -> None:
        """Watch nothing yet."""
        self._selector = selectors.DefaultSelector()
        self._silent: dict[int, Source] = {}

    def register(self, which: Source, mask: int) -> None:
        """Watch it for ``READ``, ``WRITE`` or both; with 0, for a reset."""
        if mask:
            self._selector.register(which, _EVENTS[mask])
        else:
            self._silent[which.fileno()] = which

    def modify(self, which: Source, mask: int) -> None:
        """Watch it for something else."""
        self.unregister(which)
        self.register(which, mask)

    def unregister(self, which: Source) -> None:
        """Forget it."""
        if self._silent.pop(which.fileno(), None) is None:
            self._selector.unregister(which)

    def poll(self, seconds: float) -> list[tuple[int, int]]:
        """Wait so long until something is ready; return the descriptors, each with its mask."""
        give_up = time.monotonic() + seconds
        while True:
            broken = [(descriptor, BROKEN | RESET) for descriptor in self._find_broken()]
            left = give_up - time.monotonic()
            wait = 0.0 if broken else max(0.0, min(left, _PEEK_SECONDS) if self._silent else left)
            found = [(key.fd, _MASKS[events]) for key, events in self._select(wait)] + broken
            if found or wait >= left:
                return found

    def close(self) -> None:
        """Give back what the system lent."""
        self._selector.close()

    def _select(self, seconds: float) -> list[tuple[selectors.SelectorKey, int]]:
        if self._selector.get_map():
            return self._selector.select(seconds)
        time.sleep(seconds)  # Windows refuses to wait for nothing
        return []

    def _find_broken(self) -> Iterator[int]:
        for descriptor, which in self._silent.items():
            if isinstance(which, socket.socket) and _is_reset(which):
                yield descriptor


_EVENTS = {READ: selectors.EVENT_READ, WRITE: selectors.EVENT_WRITE}
_EVENTS[READ | WRITE] = selectors.EVENT_READ | selectors.EVENT_WRITE
_MASKS = {events: mask for mask, events in _EVENTS.items()}


def _is_reset(connection: socket.socket) -> bool:
    with contextlib.suppress(BlockingIOError, InterruptedError):
        try:
            connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True
    # Where what came before it is still to be read, that hides it.
    return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def _new_poller() -> "_Poller | Any":
    if sys.platform == "linux":
        return select.epoll()
    return PeekingPoller()


class Loop:
    """Calls handlers when their sockets (or pipes) are ready or their moment has come; one thread, no locks."""

    def __init__(self) -> None:
        self._poller = _new_poller()
        self._watched: dict[int, tuple[int, Handler]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def watch(self, which: Source, mask: int, handler: Handler) -> None:
        """Call the handler with what of the mask (0 is allowed), or of ``BROKEN``, is the case; it must not block."""
        descriptor = which.fileno()
        before = self._watched.get(descriptor)
        if before is None:
            self._poller.register(which, mask)
        elif before[0] != mask:
            self._poller.modify(which, mask)
        self._watched[descriptor] = (mask, handler)

    def unwatch(self, which: Source) -> None:
        """Forget a socket; harmless if it is not watched."""
        if self._watched.pop(which.fileno(), None) is not None:
            self._poller.unregister(which)

    def call_at(self, moment: float, call: Callable[[], None]) -> None:
        """Call once at a moment of the monotonic clock."""
        heapq.heappush(self._timers, (moment, next(self._order), call))

    def turn(self, until: float) -> bool:
        """Wait for what comes, at most until a moment, and handle it; return whether anything came."""
        if self._timers:
            until = min(until, self._timers[0][0])
        found = self._poller.poll(max(0.0, until - time.monotonic()))
        ready = [(descriptor, mask, self._watched[descriptor][1]) for descriptor, mask in found]
        for descriptor, mask, handler in ready:
            # A handler may close a socket whose number the next one gets: the report is not about that.
            if self._watched.get(descriptor, (0, None))[1] is handler:
                handler(mask)
        return self._call_due() or bool(found)

    def close(self) -> None:
        """Give back what the system lent."""
        self._poller.close()

    def _call_due(self) -> bool:
        now = time.monotonic()
        called = False
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
            called = True
        return called
