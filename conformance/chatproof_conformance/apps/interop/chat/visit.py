"""One connection of a client under test: what passed on the wire and through its driver, in one order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chatproof_conformance.judges.client.client_history import decoded
from chatproof_conformance.wire.framing import LineSplitter
from chatproof_schemas.transcript import Event, Kind

Message = Mapping[str, Any]

_CLIENT_ENDS = (Kind.HALF_CLOSE, Kind.CLOSE, Kind.RESET)
_ENDS = (*_CLIENT_ENDS, Kind.SERVER_CLOSE, Kind.SERVER_RESET)


@dataclass(slots=True, eq=False)
class Visit:
    """From the request to connect to the next one.

    Attributes:
        username: the name that the client was asked to join under.
        events: what happened, as the judge of clients reads it: the driver's lines belong to no connection.
        label: the recorder's name for the connection; empty if there is none yet.
        received: the messages that the server has sent, in order.
        sent: the messages that the client has sent, in order.
        told: what the driver has reported, in order.
        is_over: whether either side has ended the connection.
        settled_at: at how many events nothing more was on its way.
    """

    username: str
    events: list[Event] = field(default_factory=list)
    label: str = ""
    received: list[Message] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)
    is_over: bool = False
    settled_at: list[int] = field(default_factory=list)
    _from_server: LineSplitter = field(default_factory=LineSplitter)
    _from_client: LineSplitter = field(default_factory=LineSplitter)
    _client_ended: bool = False

    @property
    def stands(self) -> bool:
        """Whether the connection was made and has not ended."""
        return bool(self.label) and not self.is_over

    @property
    def is_joined(self) -> bool:
        """Whether the client takes itself for joined, and its connection stands."""
        return self.stands and self.has_told("joined")

    def has_told(self, *names: str) -> bool:
        """Whether the driver has reported one of these events."""
        return any(event.get("event") in names for event in self.told)

    def take_wire(self, event: Event) -> None:
        """Take what passed on its connection."""
        if event.kind is Kind.SERVER_DATA:
            self.received += map(decoded, self._from_server.feed(event.data))
        elif event.kind is Kind.CLIENT_DATA:
            self.sent += map(decoded, self._from_client.feed(event.data))
        elif event.kind in _ENDS:
            self.is_over = True
        # A client that has ended its stream need not read on, so nothing of what comes then is to be shown.
        if not (self._client_ended and event.kind in (Kind.SERVER_DATA, Kind.SERVER_CLOSE, Kind.SERVER_RESET)):
            self.events.append(event)
        self._client_ended = self._client_ended or event.kind in _CLIENT_ENDS

    def take_line(self, event: Event) -> None:
        """Take a line to the driver or from it."""
        self.events.append(replace(event, connection=""))
        if event.kind is Kind.DRIVER_EVENT:
            self.told.append(read_line(event.data))


def read_line(line: bytes) -> dict[str, Any]:
    """Return the object of a driver's line; empty if it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
