"""What a client must make of each frame that a server sends: shown, failed, a problem, or either of two."""

import enum
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatproof_conformance.core.text import quoted, shown_frame
from chatproof_conformance.judges.client.client_history import ClientHistory, RawLine, decoded
from chatproof_conformance.judges.client.texts import is_contained, is_shown
from chatproof_conformance.judges.extremes import is_extreme
from chatproof_conformance.wire.checked_frame import check_frame
from chatproof_schemas import SERVER_FRAME_BYTES, Direction, members_of
from chatproof_schemas.transcript import Kind

_CONFIRMED = members_of(Direction.SERVER, "private_confirmation").shown
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DriverEvent = dict[str, Any]


class DisplayKind(enum.Enum):
    """What a frame must become."""

    SHOWN = enum.auto()
    FAILED = enum.auto()
    ERROR = enum.auto()
    """Shown as an error, or as the failure or refusal of what it answers."""
    PROBLEM = enum.auto()
    EITHER = enum.auto()
    """A problem, or shown: the specification leaves it open."""
    IGNORED = enum.auto()


VISIBLE = (DisplayKind.SHOWN, DisplayKind.FAILED, DisplayKind.ERROR)
"""What its user must see."""


@dataclass(slots=True, eq=False)
class ExpectedDisplay:
    """One frame, and whether it was shown.

    Attributes:
        at: its place in the recording.
        frame: its bytes.
        kind: what it must become.
        text: how a report names it.
        message: its object; empty if it is not valid.
        requirement: the id that is broken if it is lost and nothing around it explains that.
        own: whether it may be shown earlier than its place: the user said it.
        required: whether it must come; what a reset connection may have lost need not.
        refusal: whether it is an error that answers a join.
        shown_at: the place of the event that reports it, None if there is none.
    """

    at: int
    frame: bytes
    kind: DisplayKind
    text: str
    message: DriverEvent = field(default_factory=dict)
    requirement: str = "CLIENT-3"
    own: bool = False
    required: bool = True
    refusal: bool = False
    shown_at: int | None = None

    def fits(self, event: DriverEvent) -> bool:
        """Return whether the driver's event reports this frame as it must."""
        match self.kind:
            case DisplayKind.SHOWN:
                return self.fits_as_shown(event)
            case DisplayKind.FAILED:
                return _fits_failed(self.message, event)
            case DisplayKind.ERROR:
                return _fits_error(self.message, event)
            case DisplayKind.EITHER:  # which text it shows, nobody can say
                return event.get("event") == "shown" or (event.get("event") == "failed" and _may_fail(self.frame))
            case DisplayKind.PROBLEM | DisplayKind.IGNORED:  # a problem stands for any bad frame
                return False

    def fits_as_shown(self, event: DriverEvent) -> bool:
        """Return whether the event shows this frame as an ordinary message."""
        kind = self.message["type"]
        if event.get("event") != "shown" or event.get("kind") != kind:
            return False
        return all(is_shown(self.message[name], event.get(name)) for name in members_of(Direction.SERVER, kind).shown)

    def says(self, event: DriverEvent) -> bool:
        """Return whether the event shows this frame's texts code point for code point."""
        shown = members_of(Direction.SERVER, self.message["type"]).shown if self.message else ()
        return all(self.message[name] == event.get(name) for name in shown)


def find_expected_displays(history: ClientHistory) -> list[ExpectedDisplay]:
    """Return what must become of each frame of the server, in order."""
    displays = list(_expected_displays(history))
    if history.server_end and history.server_end[1] is Kind.SERVER_RESET:
        for display in displays:  # a reset may overtake what was sent before it
            display.required = False
    if history.left is not None:
        for display in _unseen_at_leaving(history, displays):
            display.required = False
    return displays


def _unseen_at_leaving(history: ClientHistory, displays: Sequence[ExpectedDisplay]) -> Iterator[ExpectedDisplay]:
    """Yield the last frames of which none was shown: who leaves need not look at what is still on its way."""
    for display in reversed(displays):
        later = (event for at, event in history.driver_events if at > display.at)
        if history.left is not None and display.at < history.left and any(map(display.fits, later)):
            return
        yield display


def not_sent_back(history: ClientHistory, displays: Sequence[ExpectedDisplay]) -> list[ExpectedDisplay]:
    """Return what the user said and the server has not sent back: a client may show it when it sends it."""
    if history.username is None:
        return []
    said = said_by_user(history)
    own = [display.message for display in displays if display.own]
    back = Counter(str(message["content"]) for message in own if message["type"] == "message")
    pending = [
        {"type": "message", "username": history.username, "content": content} for content in (said - back).elements()
    ]
    return [ExpectedDisplay(-1, b"", DisplayKind.SHOWN, "", message, own=True, required=False) for message in pending]


def said_by_user(history: ClientHistory) -> "Counter[str]":
    """Return how often what was said in public may be shown before it comes back: what was refused, never.

    What the end of the connection keeps from being sent may have been shown before.
    """
    said = Counter(str(one.get("content")) for _, one in history.requests if one.get("do") == "say")
    end = history.server_end[0] if history.server_end is not None else math.inf
    told = (event for at, event in history.driver_events if event.get("event") == "failed" and at < end)
    failed = Counter(str(event.get("content")) for event in told)
    sent = Counter(str(decoded(line.data).get("content")) for line in history.sent)
    return Counter({text: number - min(failed[text], max(0, number - sent[text])) for text, number in said.items()})


def _expected_displays(history: ClientHistory) -> Iterator[ExpectedDisplay]:
    username, joins = history.username, [line for line in history.sent if decoded(line.data).get("type") == "join"]
    for line in history.received:
        display = _classified(line)
        pending = next((join for join in joins if join.at < line.at), None)
        if display.message and pending is not None and display.message["type"] in ("system", "error"):
            name = str(decoded(pending.data).get("username"))
            if display.message.get("code") == "not_joined":
                pass  # that answers a message which the client has sent behind its join
            elif display.message["type"] == "error":
                display.refusal, display.requirement = True, "CLIENT-6"
                joins.remove(pending)
            elif name in display.message["message"]:
                username = name
                history.joins_taken += 1
                history.joined_at = line.at if history.joined_at is None else history.joined_at
                display.required = not history.reported("joined")  # that says it as well
                joins.remove(pending)
        display.own = display.kind is DisplayKind.SHOWN and _is_own(display.message, username)
        yield display
    history.username = username


def _is_own(message: DriverEvent, username: str | None) -> bool:
    return bool(message["type"] == "private_confirmation") or (
        message["type"] == "message" and bool(message["username"] == username)
    )


def _classified(line: RawLine) -> ExpectedDisplay:
    frame = line.data
    if not frame.strip(b" \t\r"):
        return ExpectedDisplay(line.at, frame, DisplayKind.IGNORED, "a blank line")
    checked = check_frame(frame)
    if checked.refused:
        is_open = _is_open_to_readers(frame)
    elif len(frame) > SERVER_FRAME_BYTES:
        is_open = True
    elif checked.message is not None and not checked.problems:
        return _valid(line, checked.message)
    else:
        # SPEC.md, section 18: errors with codes of later versions are shown; the schema of this version refuses them.
        code = (checked.message or {}).get("code")
        is_open = [problem.path for problem in checked.problems] == ["/code"] and isinstance(code, str)
    kind = DisplayKind.EITHER if is_open else DisplayKind.PROBLEM
    return ExpectedDisplay(line.at, frame, kind, f"the frame {shown_frame(frame)}", requirement="CLIENT-4")


def _valid(line: RawLine, message: DriverEvent) -> ExpectedDisplay:
    kind = message["type"]
    members = members_of(Direction.SERVER, kind)
    text = f"the {_NAMES.get(kind, kind.replace('_', ' '))} {quoted(str(message.get(members.text)))}"
    if is_extreme(line.data):
        return ExpectedDisplay(line.at, line.data, DisplayKind.EITHER, text, requirement="CLIENT-4")
    display = ExpectedDisplay(line.at, line.data, DisplayKind.SHOWN, text, message)
    display.requirement = "CLIENT-5" if has_unknown_members(message) else "CLIENT-3"
    if kind == "error":
        display.kind = DisplayKind.ERROR
    elif kind == "private_confirmation" and not message["delivered"]:
        display.kind, display.requirement = DisplayKind.FAILED, "CLIENT-9"
        display.text = f"the undelivered private message {quoted(message['content'])}"
    return display


def _may_fail(frame: bytes) -> bool:
    """Return whether a lenient reader takes a frame for an error, or for a confirmation."""
    try:
        value = json.loads(frame.removeprefix(_BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("type") in ("error", "private_confirmation")


def has_unknown_members(message: DriverEvent) -> bool:
    """Return whether a valid message has members that its type has not; an empty one has none."""
    known = members_of(Direction.SERVER, message["type"]).definitions if message else ()
    return any(name not in known and name != "type" for name in message)


_NAMES = {
    "message": "public message",
    "private_confirmation": "confirmation of",
    "system": "notice",
    "server": "announcement",
}
"""What reports call a type if not by its own name."""


def _is_open_to_readers(frame: bytes) -> bool:
    """Return whether a frame is JSON but for a member twice, a lone surrogate, a byte order mark, or its sheer size."""
    try:
        # Decoded here: of bytes, json would take surrogates that are encoded one by one, which is not UTF-8.
        value = json.loads(frame.removeprefix(_BYTE_ORDER_MARK).decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return is_extreme(frame)
    return isinstance(value, dict)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _fits_failed(message: DriverEvent, event: DriverEvent) -> bool:
    if event.get("event") != "failed" or event.get("do", "say_privately") != "say_privately":
        return False
    return all(is_shown(message[name], event.get(name, message[name])) for name in _CONFIRMED)


def _fits_error(message: DriverEvent, event: DriverEvent) -> bool:
    words = message["message"]
    if event.get("event") == "shown":
        return event.get("kind") == "error" and is_contained(words, event.get("message"))
    return event.get("event") in ("failed", "refused", "disconnected") and is_contained(words, event.get("reason"))
