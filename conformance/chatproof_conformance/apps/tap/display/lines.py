"""Traffic as lines for a person: time, connection, direction, type, content; and why a frame is invalid."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from chatproof_common.printable import printable, shortened
from chatproof_conformance.apps.tap.display.frames import SeenFrame
from chatproof_conformance.core.text import shown_frame
from chatproof_schemas import Direction, members_of
from chatproof_schemas.transcript import Event, Kind

_ARROWS = {Direction.CLIENT: "→", Direction.SERVER: "←"}
_HAPPENINGS = {
    Kind.OPEN: "● connects",
    Kind.HALF_CLOSE: "→ ends its stream",
    Kind.RESET: "→ resets the connection",
    Kind.SERVER_CLOSE: "← the server ends its stream",
    Kind.SERVER_RESET: "← the server resets the connection",
}
_LONGEST_CONTENT = 160
_INDENT = " " * 22

_DIM, _RED, _RED_BOLD, _YELLOW = "2", "31", "1;31", "33"
_COLOURS = {
    "join": "36",
    "message": "",
    "private_message": "35",
    "private_confirmation": "35",
    "system": "32",
    "server": "34",
    "error": _YELLOW,
}
_USERS = {"target": "to {}", "sender": "from {}"}
"""By member, how a user's name is shown if not alone."""


class LineWriter:
    """Writes lines, in colours or without; ``started`` is the wall-clock time of second 0."""

    def __init__(self, started: datetime, *, colours: bool) -> None:
        self._started = started
        self._colours = colours

    def happening(self, event: Event) -> Iterator[str]:
        """Yield the line of an event other than data."""
        text = _HAPPENINGS.get(event.kind) or f"! {_one_line(event.data.decode('utf-8', 'replace'))}"
        style = _YELLOW if event.kind is Kind.NOTE else _DIM
        yield f"{self._head(event)} {self._in(style, text)}"

    def frame(self, event: Event, seen: SeenFrame) -> Iterator[str]:
        """Yield a frame's line, and if it is invalid another with the reason."""
        arrow = _ARROWS[seen.direction]
        if seen.problem:
            yield f"{self._head(event)} {self._in(_RED_BOLD, f'{arrow} ✗ {shown_frame(seen.frame)}')}"
            yield f"{_INDENT}{self._in(_RED, f'{seen.requirement}: {_one_line(seen.problem)}')}"
            return
        kind = str(seen.message["type"])
        text = f"{arrow} {kind:<20} {_one_line(_content(seen.message, seen.direction))}"
        yield f"{self._head(event)} {self._in(_COLOURS.get(kind, ''), text)}"

    def left_out(self, count: int) -> str:
        """Return the line that reports how many lines were left out."""
        lines = "line" if count == 1 else "lines"
        return self._in(_YELLOW, f"… {count:,} {lines} left out: they came faster than they could be shown")

    def _head(self, event: Event) -> str:
        moment = self._started + timedelta(seconds=event.time)
        return f"{self._in(_DIM, f'{moment:%H:%M:%S}.{moment.microsecond // 1000:03}')} {event.connection:<5}"

    def _in(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colours and style else text


def _content(message: Mapping[str, Any], direction: Direction) -> str:
    members = members_of(direction, message["type"])
    user = _USERS.get(members.user, "{}").format(message[members.user]) if members.user else ""
    if "delivered" in members.required:
        reason = message.get("reason", "no reason")
        user += ", delivered" if message["delivered"] else f", not delivered ({reason})"
    text = message[members.text] if members.text else ""
    code = f" [{message['code']}]" if "code" in members.definitions and "code" in message else ""
    return ": ".join(filter(None, (user, text))) + code


def _one_line(text: str) -> str:
    """Return text without control characters, shortened."""
    return printable(shortened(text, _LONGEST_CONTENT))
