"""Clients that end no frame with LF: what they sent, as a server that serves them all the same has read it.

SPEC.md, section 17: a server may take a complete object at the end of what it has read for a frame, with no LF. What it
then does is right, and the client's fault alone (CLIENT-2).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chatproof_conformance.wire.framing import ObjectSplitter
from chatproof_schemas.transcript import Event, Framing, Kind

_PAUSE_SECONDS = 0.05
"""Less than this between two objects, and the server may have read both at once: as one malformed frame."""


@dataclass(frozen=True, slots=True)
class ServedWithoutLf:
    """A recording's events, with the LFs that such clients owe.

    Attributes:
        events: one for each of the recording, in its order.
        connections: those of such clients, if the server has served them.
        is_certain: whether it is known what the server read as a frame.
    """

    events: Sequence[Event]
    connections: tuple[str, ...] = ()
    is_certain: bool = True


@dataclass(slots=True)
class _Client:
    """What one connection shows.

    Attributes:
        sent: the indexes of its events that hold bytes of the client.
        ends: those of them at whose end an object is complete.
        served: whether the server has sent something after the first of these.
        is_certain: whether each of them is one object, or a piece of one, and none came close behind another.
    """

    sent: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    served: bool = False
    has_lf: bool = False
    is_certain: bool = True
    _splitter: ObjectSplitter = field(default_factory=ObjectSplitter)
    _complete_since: float | None = None

    def sends(self, at: int, event: Event) -> None:
        self.sent.append(at)
        self.has_lf = self.has_lf or b"\n" in event.data
        if self.has_lf:
            return
        if self._complete_since is not None and event.time - self._complete_since < _PAUSE_SECONDS:
            self.is_certain = False
        objects = len(self._splitter.feed(event.data))
        is_end = objects > 0 and not self._splitter.rest
        self.is_certain = self.is_certain and objects == int(is_end)
        self._complete_since = event.time if is_end else None
        if is_end:
            self.ends.append(at)

    def receives(self) -> None:
        self.served = self.served or bool(self.ends)
        self._complete_since = None  # the server has read what was sent before


def served_without_lf(events: Sequence[Event], framing: Framing) -> ServedWithoutLf:
    """Return a recording's events as a server has read them that serves clients without LF."""
    if framing != "lf":
        return ServedWithoutLf(events)
    clients: dict[str, _Client] = defaultdict(_Client)
    for at, event in enumerate(events):
        if event.kind is Kind.CLIENT_DATA:
            clients[event.connection].sends(at, event)
        elif event.kind is Kind.SERVER_DATA:
            clients[event.connection].receives()
    served = {name: client for name, client in clients.items() if client.served and not client.has_lf}
    ends = {at for client in served.values() for at in client.ends}
    ended = [replace(event, data=event.data + b"\n") if at in ends else event for at, event in enumerate(events)]
    return ServedWithoutLf(ended, tuple(served), all(client.is_certain for client in served.values()))
