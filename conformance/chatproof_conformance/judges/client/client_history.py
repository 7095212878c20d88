"""One connection of a recording, read in order: frames both ways, requests to the driver, and its events."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.wire.framing import LineSplitter
from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.transcript import Event, Kind

DRIVER_ENDED = b"the driver has ended"
"""The note of a recording that a driver has ended, as it may: it answers nothing any more."""
INPUT_ENDED = b"the driver's input has ended"
"""The note of a recording that a driver is asked nothing any more, and so must leave."""
CONNECTS_ANEW = b"the user connects anew"
"""The note of a recording that a client was asked for another connection, and so must leave this one."""
OLD_ENDED = b"the server ends the connection before this one"
"""The note of a recording that a connection has ended that was left standing when this one was asked for."""


@dataclass(frozen=True, slots=True)
class RawLine:
    """A frame, a request or an event of the driver.

    Attributes:
        at: the place of the recording's event that completed it.
        data: its bytes, without LF.
    """

    at: int
    data: bytes

    @property
    def members(self) -> dict[str, Any]:
        """The JSON object of a line from or to the driver; empty if it is none."""
        try:
            value = json.loads(self.data)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class ClientHistory:
    """What happened, in lists that each keep the order.

    Attributes:
        username: the name under which the client had joined before; None if it had not.
        received: the frames that the server sent, those of blank lines too.
        sent: the frames that the client sent.
        requests: what the driver was asked, each with the place of the recording's event.
        driver_events: what it reported, in the same form.
        driver_lines: the line of each, by its place.
        rest_received, rest_sent: what stood after the last LF, either way.
        server_end: how the server ended the connection, and where.
        client_end: the same of the client.
        joins_taken: how many of its joins the server took.
        joined_at: where the first notice of that stands.
        opened: whether the client has connected.
        driver_ended: whether the driver has ended, as it may.
        must_leave: where the driver's input ended, or another connection was asked for, if so: that means to leave.
        old_ended: where the connection before this one ended, if it stood until then.
    """

    username: str | None = None
    received: list[RawLine] = field(default_factory=list)
    sent: list[RawLine] = field(default_factory=list)
    requests: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    driver_events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    driver_lines: dict[int, bytes] = field(default_factory=dict)
    rest_received: bytes = b""
    rest_sent: bytes = b""
    server_end: tuple[int, Kind] | None = None
    client_end: tuple[int, Kind] | None = None
    joins_taken: int = 0
    joined_at: int | None = None
    opened: bool = False
    driver_ended: bool = False
    must_leave: int | None = None
    old_ended: int | None = None

    @property
    def left(self) -> int | None:
        """Where the user was made to leave; None if it was not."""
        return next((at for at, request in self.requests if request.get("do") == "leave"), self.must_leave)

    def reported(self, *names: str) -> list[dict[str, Any]]:
        """Return the driver's events with these names."""
        return [event for _, event in self.driver_events if event.get("event") in names]

    def place_of(self, event: dict[str, Any]) -> int:
        """Return the place of one of the driver's events."""
        return next(at for at, reported in self.driver_events if reported is event)

    def finding(self, requirement: str, expected: str, actual: str, events: Sequence[dict[str, Any]]) -> Finding:
        """Return a finding that these events of the driver show, which must not have been reported."""
        places = [at for at, reported in self.driver_events if any(reported is event for event in events)]
        frames = tuple(self.driver_lines[at] for at in places)
        return Finding(requirement, expected, actual, event=places[-1] if places else None, frames=frames)


def read_client_history(events: Iterable[tuple[int, Event]], username: str | None = None) -> ClientHistory:
    """Return the history of one connection.

    Args:
        events: each with its place in the recording; they begin where a frame begins, in either direction.
        username: the name under which the client had joined before them.
    """
    history = ClientHistory(username, opened=username is not None)
    received, sent = LineSplitter(keep_blank=True), LineSplitter()
    for at, event in events:
        match event.kind:
            case Kind.SERVER_DATA:
                history.received += (RawLine(at, line) for line in received.feed(event.data))
            case Kind.CLIENT_DATA:
                history.sent += (RawLine(at, line) for line in sent.feed(event.data))
            case Kind.REQUEST:
                history.requests.append((at, RawLine(at, event.data).members))
            case Kind.DRIVER_EVENT:
                history.driver_events.append((at, RawLine(at, event.data).members))
                history.driver_lines[at] = event.data
            case Kind.SERVER_CLOSE | Kind.SERVER_RESET:
                history.server_end = history.server_end or (at, event.kind)
            case Kind.CLOSE | Kind.RESET | Kind.HALF_CLOSE:
                history.client_end = history.client_end or (at, event.kind)
            case Kind.OPEN:
                history.opened = True
            case Kind.NOTE:
                history.driver_ended |= event.data == DRIVER_ENDED
                history.must_leave = at if event.data in (INPUT_ENDED, CONNECTS_ANEW) else history.must_leave
                history.old_ended = at if event.data == OLD_ENDED else history.old_ended
            case _:
                pass
    history.rest_received, history.rest_sent = received.rest, sent.rest
    return history


def decoded(frame: bytes) -> dict[str, Any]:
    """Return the object of a frame; empty if it holds none."""
    try:
        value = decode_frame(frame)
    except FrameRefused:
        return {}
    return value if isinstance(value, dict) else {}
