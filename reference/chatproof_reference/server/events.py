"""What a server reports to its observers: a window, a log, a test."""

import enum
import threading
import time
from collections import deque
from dataclasses import dataclass


class EventKind(str, enum.Enum):
    """What happened."""

    STARTED = "started"
    STOPPED = "stopped"
    CONNECTED = "connected"
    JOINED = "joined"
    REFUSED = "refused"
    """A frame was answered with an error; ``code`` names it."""
    MESSAGE = "message"
    PRIVATE_MESSAGE = "private_message"
    ANNOUNCED = "announced"
    LEFT = "left"
    """A joined client is gone; ``text`` is the reason."""
    DISCONNECTED = "disconnected"
    """A connection that never joined is gone; ``text`` is the reason."""
    TROUBLE = "trouble"
    """The server met a limit of the system or a fault itself; ``text`` names it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at the server.

    Attributes:
        username: whose doing it was; empty if nobody had joined.
        address: the peer's address, or the server's for ``STARTED``, as ``host:port``.
        text: the content, the announcement, the error's text or the reason. It may hold any code point: escape it.
        code: the error code of SPEC.md, "Errors", for ``REFUSED``.
        target: who a private message was for.
        time: seconds since the epoch.
    """

    kind: EventKind
    username: str = ""
    address: str = ""
    text: str = ""
    code: str = ""
    target: str = ""
    time: float = 0.0


_TEXTS_CODE_POINTS = 2 * 1024 * 1024
"""What the texts of a subscription's unread events may come to."""


class Subscription:
    """A bounded queue of events for one observer. An observer that falls behind loses events, which are counted.

    Its bounds are ``limit`` events and 2 Mi code points of their texts.
    """

    def __init__(self, kinds: frozenset[EventKind], limit: int) -> None:
        self.kinds = kinds
        self._limit = limit
        self._size = 0
        self._events: deque[Event] = deque()
        self._changed = threading.Condition()
        self._lost = 0

    def put(self, event: Event) -> None:
        """Add an event, or count it as lost if too many are unread. Never blocks."""
        with self._changed:
            if len(self._events) < self._limit and self._size + len(event.text) <= _TEXTS_CODE_POINTS:
                self._events.append(event)
                self._size += len(event.text)
                self._changed.notify()
            else:
                self._lost += 1

    def drain(self, timeout: float | None = 0.0) -> list[Event]:
        """Return all unread events, oldest first; wait up to ``timeout`` seconds (``None``: for ever) for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._events, timeout)
            events = list(self._events)
            self._events.clear()
            self._size = 0
            return events

    def take_lost(self) -> int:
        """Return how many events were lost since this was last asked."""
        with self._changed:
            lost, self._lost = self._lost, 0
            return lost


class Events:
    """Hands each event to every subscription that wants its kind."""

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()
        self._wanted: frozenset[EventKind] = frozenset()

    def subscribe(self, kinds: frozenset[EventKind], limit: int) -> Subscription:
        """Return a new subscription."""
        subscription = Subscription(kinds, limit)
        self._replace((*self._subscriptions, subscription))
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop handing events to a subscription."""
        self._replace(tuple(other for other in self._subscriptions if other is not subscription))

    def wants(self, kind: EventKind) -> bool:
        """Whether anybody listens: if nobody does, an event need not be made."""
        return kind in self._wanted

    def emit(self, kind: EventKind, **members: str) -> None:
        """Make an event and hand it over, if anybody listens."""
        if kind in self._wanted:
            event = Event(kind, time=time.time(), **members)
            for subscription in self._subscriptions:
                if kind in subscription.kinds:
                    subscription.put(event)

    def _replace(self, subscriptions: tuple[Subscription, ...]) -> None:
        self._subscriptions = subscriptions
        self._wanted = frozenset().union(*(subscription.kinds for subscription in subscriptions))
