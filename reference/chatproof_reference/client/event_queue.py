"""The queue between the thread that reads a connection and whoever shows its events: in order, bounded, no loss."""

import queue
from collections.abc import Callable

from chatproof_reference.client.events import Event

LIMIT = 10_000
"""This many unread events stop the reading of the connection, until there is room: then TCP slows the server down."""
LIMIT_BYTES = 4 * 1024 * 1024
"""So do this many bytes of frames whose events are unread."""


class EventQueue:
    """Events in order. ``put`` never waits: who reads a connection asks :meth:`has_room` before it reads more."""

    def __init__(self, when_room: Callable[[], None], limit: int = LIMIT, limit_bytes: int = LIMIT_BYTES) -> None:
        """Begin empty; ``when_room`` is called, by whoever takes events, when there is room again."""
        self._events: queue.SimpleQueue[tuple[Event, int]] = queue.SimpleQueue()
        self._when_room = when_room
        self._limit, self._limit_bytes = limit, limit_bytes
        self._put_bytes = self._taken_bytes = 0  # each has one writer at a time
        self._awaited = False

    def __len__(self) -> int:
        return self._events.qsize()

    def has_room(self) -> bool:
        """Whether less than the limits is unread; if not, ``when_room`` will be called."""
        # Set before the count is read: whoever makes room in between sees that it is awaited.
        self._awaited = True
        if self._is_below():
            self._awaited = False
            return True
        return False

    def put(self, event: Event, size: int = 0) -> None:
        """Add an event that came of ``size`` bytes, whether there is room or not."""
        self._put_bytes += size
        self._events.put((event, size))

    def get(self, timeout: float | None = None) -> Event:
        """Return the oldest event; wait for one up to ``timeout`` seconds (``None``: for ever).

        Raises:
            queue.Empty: if none came in time.
        """
        event, size = self._events.get(timeout=timeout)
        self._taken_bytes += size
        if self._awaited and self._is_below():
            self._awaited = False
            self._when_room()
        return event

    def _is_below(self) -> bool:
        return len(self) < self._limit and self._put_bytes - self._taken_bytes < self._limit_bytes
