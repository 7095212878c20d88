"""What a client must make of each frame that a server sends: shown, failed, a problem, or either of two."""

import enum
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatproof_conformance.core.text import quoted, shown_frame
from chatproof_conformance.judges.client.client_history import ClientHistory, RawLine, decoded
from chatproof_conformance.judges.client.texts import is_contained, is_shown
from chatproof_conformance.judges.nesting import DEEP
from chatproof_schemas import SERVER_FRAME_BYTES, Direction, FrameRefused, decode_frame, find_problems, members_of
from chatproof_schemas.transcript import Kind

_CONFIRMED = members_of(Direction.SERVER, "private_confirmation").shown
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DriverEvent = dict[str, Any]


class DisplayExpectation(enum.Enum):
    """What a frame must become."""

    SHOWN = enum.auto()
    FAILED = enum.auto()
    ERROR = enum.auto()
    """Shown as an error, or as the failure or refusal of what it answers."""
    PROBLEM = enum.auto()
    EITHER = enum.auto()
    """A problem, or shown: the specification leaves it open."""
    IGNORED = enum.auto()


VISIBLE = (DisplayExpectation.SHOWN, DisplayExpectation.FAILED, DisplayExpectation.ERROR)
"""What its user must be told of."""


@dataclass(slots=True, eq=False)
class ExpectedDisplay:
    """One frame, and what was told of it.

    Attributes:
        at: its place in the recording.
        frame: its bytes.
        fate: what it must become.
        text: how a report names it.
        message: what it says; empty where it says nothing valid.
        requirement: the id that is broken where it is lost and nothing around it explains that.
        own: whether it may be shown earlier than its place: the user said it.
        required: whether it must come; what a reset connection may have lost need not.
        refusal: whether it is an error that answers a join.
        told: the place of what was told of it, None while there is nothing.
    """

    at: int
    frame: bytes
    fate: DisplayExpectation
    text: str
    message: DriverEvent = field(default_factory=dict)
    requirement: str = "CLIENT-3"
    own: bool = False
    required: bool = True
    refusal: bool = False
    told: int | None = None

    def fits(self, event: DriverEvent) -> bool:
        """Return whether the driver's event tells of this frame as it must."""
        return _FITS[self.fate](self, event)


def find_items(story: ClientHistory) -> list[ExpectedDisplay]:
    """Return what must become of each frame of the server, in order."""
    items = list(_items(story))
    lost_at = story.server_end[0] if story.server_end and story.server_end[1] is Kind.SERVER_RESET else None
    if lost_at is not None:
        # A reset may overtake what was sent before it.
        for item in items:
            item.required = False
    if story.rest_received.strip():
        rest = RawLine(story.received[-1].at if story.received else 0, story.rest_received)
        complete = _classified(rest)
        if complete.fate in (DisplayExpectation.SHOWN, DisplayExpectation.FAILED, DisplayExpectation.ERROR):
            complete.fate, complete.required = DisplayExpectation.EITHER, False
            items.append(complete)
    return items


def under_way(story: ClientHistory, items: Sequence[ExpectedDisplay]) -> list[ExpectedDisplay]:
    """Return what the user said and the server has not sent back: a client may show it when it sends it."""
    said = Counter(str(request.get("content")) for _, request in story.requests if request.get("do") == "say")
    back = Counter(str(item.message["content"]) for item in items if item.own and item.message["type"] == "message")
    messages = [
        {"type": "message", "username": story.username, "content": content} for content in (said - back).elements()
    ]
    return [
        ExpectedDisplay(-1, b"", DisplayExpectation.SHOWN, "", message, own=True, required=False)
        for message in messages
    ]


def _items(story: ClientHistory) -> Iterator[ExpectedDisplay]:
    username, joins = story.username, [line for line in story.sent if _type_of(line) == "join"]
    for line in story.received:
        item = _classified(line)
        pending = next((join for join in joins if join.at < line.at), None)
        if item.message and pending is not None and item.message["type"] in ("system", "error"):
            name = str(decoded(pending.data).get("username"))
            if item.message["type"] == "error":
                item.refusal, item.requirement = True, "CLIENT-6"
                joins.remove(pending)
            elif name in item.message["message"]:
                username = name
                story.joins_taken += 1
                joins.remove(pending)
        item.own = item.fate is DisplayExpectation.SHOWN and _is_own(item.message, username)
        yield item
    story.username = username


def _is_own(message: DriverEvent, username: str | None) -> bool:
    return bool(message["type"] == "private_confirmation") or (
        message["type"] == "message" and bool(message["username"] == username)
    )


def _classified(line: RawLine) -> ExpectedDisplay:
    frame = line.data
    if not frame.strip(b" \t\r"):
        return ExpectedDisplay(line.at, frame, DisplayExpectation.IGNORED, "a blank line")
    text = f"the frame {shown_frame(frame)}"
    try:
        message = decode_frame(frame)
    except FrameRefused:
        fate = DisplayExpectation.EITHER if _is_open_to_readers(frame) else DisplayExpectation.PROBLEM
        return ExpectedDisplay(line.at, frame, fate, text, requirement="CLIENT-4")
    if len(frame) > SERVER_FRAME_BYTES:
        return ExpectedDisplay(line.at, frame, DisplayExpectation.EITHER, text, requirement="CLIENT-4")
    problems = find_problems(message, Direction.SERVER) if isinstance(message, dict) else [None]
    if problems:
        # SPEC.md, section 18: errors with codes of later versions are shown; the schema of this version refuses them.
        later = [problem and problem.path for problem in problems] == ["/code"] and isinstance(message["code"], str)
        return ExpectedDisplay(
            line.at,
            frame,
            DisplayExpectation.EITHER if later else DisplayExpectation.PROBLEM,
            text,
            requirement="CLIENT-4",
        )
    return _valid(line, message)


def _valid(line: RawLine, message: DriverEvent) -> ExpectedDisplay:
    kind = message["type"]
    members = members_of(Direction.SERVER, kind)
    text = f"the {_NAMES.get(kind, kind.replace('_', ' '))} {quoted(str(message.get(members.text)))}"
    extra = {name: value for name, value in message.items() if name not in (*members.definitions, "type")}
    if extra and _is_extreme(line.data, extra):
        return ExpectedDisplay(line.at, line.data, DisplayExpectation.EITHER, text, requirement="CLIENT-4")
    item = ExpectedDisplay(
        line.at, line.data, DisplayExpectation.SHOWN, text, message, "CLIENT-5" if extra else "CLIENT-3"
    )
    if kind == "error":
        item.fate = DisplayExpectation.ERROR
    elif kind == "private_confirmation" and not message["delivered"]:
        item.fate, item.requirement = DisplayExpectation.FAILED, "CLIENT-9"
        item.text = f"the undelivered private message {quoted(message['content'])}"
    return item


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
        value = json.loads(frame.removeprefix(_BYTE_ORDER_MARK), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return frame.count(b"[") > DEEP or frame.count(b"{") > DEEP
    return isinstance(value, dict)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _is_extreme(frame: bytes, extra: DriverEvent) -> bool:
    if frame.count(b"[") > DEEP or frame.count(b"{") > DEEP:
        return True
    numbers = [value for value in extra.values() if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return any(not -(2.0**63) <= number < 2.0**63 for number in numbers)


def _type_of(line: RawLine) -> object:
    return decoded(line.data).get("type")


def _fits_shown(item: ExpectedDisplay, event: DriverEvent) -> bool:
    kind = item.message["type"]
    if event.get("event") != "shown" or event.get("kind") != kind:
        return False
    return all(is_shown(item.message[name], event.get(name)) for name in members_of(Direction.SERVER, kind).shown)


def _fits_failed(item: ExpectedDisplay, event: DriverEvent) -> bool:
    if event.get("event") != "failed" or event.get("do", "say_privately") != "say_privately":
        return False
    return all(is_shown(item.message[name], event.get(name, item.message[name])) for name in _CONFIRMED)


def _fits_error(item: ExpectedDisplay, event: DriverEvent) -> bool:
    words = item.message["message"]
    if event.get("event") == "shown":
        return event.get("kind") == "error" and is_contained(words, event.get("message"))
    return event.get("event") in ("failed", "refused", "disconnected") and is_contained(words, event.get("reason"))


def _fits_either(item: ExpectedDisplay, event: DriverEvent) -> bool:  # noqa: ARG001  which text of two it shows, nobody can say
    return event.get("event") == "shown"


_FITS: dict[DisplayExpectation, Callable[[ExpectedDisplay, DriverEvent], bool]] = {
    DisplayExpectation.SHOWN: _fits_shown,
    DisplayExpectation.FAILED: _fits_failed,
    DisplayExpectation.ERROR: _fits_error,
    DisplayExpectation.EITHER: _fits_either,
    DisplayExpectation.PROBLEM: lambda item, event: False,  # noqa: ARG005  a problem tells of any bad frame
    DisplayExpectation.IGNORED: lambda item, event: False,  # noqa: ARG005  nothing is told of it
}
