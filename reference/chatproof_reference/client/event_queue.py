"""The queue between the thread that reads a connection and whoever shows its events: in order, bounded, no loss."""

import queue
from collections.abc import Callable

from chatproof_reference.client.events import Event

LIMIT = 10_000
"""This many unread events stop the reading of the connection, until there is room: then TCP slows the server down."""


class EventQueue:
    """Events in order. ``put`` never waits: who reads a connection asks :meth:`has_room` before it reads more."""

    def __init__(self, when_room: Callable[[], None], limit: int = LIMIT) -> None:
        """Begin empty; ``when_room`` is called, by whoever takes events, when there is room again."""
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._when_room = when_room
        self._limit = limit
        self._awaited = False

    def __len__(self) -> int:
        return self._events.qsize()

    def has_room(self) -> bool:
        """Whether fewer than the limit are unread; if not, ``when_room`` will be called."""
        # Set before the count is read: whoever makes room in between sees that it is awaited.
        self._awaited = True
        if len(self) < self._limit:
            self._awaited = False
            return True
        return False

    def put(self, event: Event) -> None:
        """Add an event, whether there is room or not."""
        self._events.put(event)

    def get(self, timeout: float | None = None) -> Event:
        """Return the oldest event; wait for one up to ``timeout`` seconds (``None``: for ever).

        Raises:
            queue.Empty: if none came in time.
        """
        event = self._events.get(timeout=timeout)
        if self._awaited and len(self) < self._limit:
            self._awaited = False
            self._when_room()
        return event
