"""What a client asks for: most frames are recognised by their form, the others parsed and judged by the schemas.

To recognise takes half as long as to parse and to judge; what is recognised is valid by the schemas.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from chatproof_reference.server.replies import json_text, plain_text
from chatproof_reference.server.shapes import frame_form
from chatproof_reference.server.templates import Templates
from chatproof_reference.wire import Frame, OverlongFrame, is_utf_8
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameRefused, read_frame, read_valid


@dataclass(slots=True)
class Join:
    """Asks to enter the chat."""

    username: str


@dataclass(slots=True)
class Say:
    """Public messages, one after the other; each of the ``contents`` is a JSON string."""

    contents: Sequence[bytes]


@dataclass(slots=True)
class SayPrivately:
    """A private message; ``content`` is a JSON string."""

    target: str
    content: bytes


@dataclass(slots=True)
class Refused:
    """A frame that is not a valid message: what to answer."""

    text: str
    code: str


Request = Join | Say | SayPrivately | Refused

_FORM = frame_form(("content", "target"))
_match, _WHOLE = _FORM.match, _FORM.groups


def recognise(frame: Frame, names: Container[str]) -> Request | None:
    """Return what a frame asks for, by its form; None if only :func:`parse` or :func:`judge` can decide.

    A target must be one of ``names``, those of joined users: that it is a valid name has been judged when it joined.
    """
    # The form takes no arrays and no objects in an object: what has their signs, often for them, is not tried.
    if isinstance(frame, OverlongFrame) or frame.rfind(b"{") > 1 or frame.rfind(b"[") >= 0:
        return None
    found = _match(frame)
    if found and found.lastindex == _WHOLE and is_utf_8(frame):
        kind, content = found[1], found[2]
        if kind == b"message" and content:  # first, as the most frequent
            return Say((content,))
        if kind == b"private_message" and content and (target := found[3]) and (name := plain_text(target)) in names:
            return SayPrivately(name, content)
    return None


def parse(frame: Frame) -> Request | None:
    """Return what a valid frame asks for, whatever its form; None if it is not valid."""
    message = None if isinstance(frame, OverlongFrame) else read_valid(frame, Direction.CLIENT)
    return None if message is None else _request(message)


def read_requests(frames: Sequence[Frame], names: Container[str], templates: Templates) -> list[Request] | None:
    """Return what valid frames ask for, all of them, in their order; None if one is not valid.

    What is written by one of the templates is read at once; of the rest the templates learn.
    """
    contents = templates.contents(frames)
    if contents and all(contents):  # nearly always
        return [Say(contents)]
    requests: list[Request] = []
    missed = 0
    example = b""
    for frame, content in zip(frames, contents or repeat(b"")):  # noqa: B905  the second may have no end
        request = Say((content,)) if content else recognise(frame, names) or parse(frame)
        if request is None:
            return None
        requests.append(request)
        if not content and isinstance(request, Say) and isinstance(frame, bytes):
            missed, example = missed + 1, frame
    if missed:
        templates.learn(example, missed)
    return requests


def judge(frame: Frame) -> Request:
    """Return what a frame asks for, or why it is refused: to find that out takes several times as long."""
    if isinstance(frame, OverlongFrame):
        return Refused(f"The frame is too long; expected at most {CLIENT_FRAME_BYTES} bytes", "frame_too_long")
    try:
        message = read_frame(frame, Direction.CLIENT)
    except FrameRefused as refusal:
        # ERROR-12: the problems come in the order of precedence of their codes.
        return Refused(str(refusal.problems[0]), refusal.problems[0].code)
    return _request(message)


def _request(message: dict[str, Any]) -> Request:
    match message["type"]:
        case "join":
            return Join(message["username"])
        case "message":
            return Say((json_text(message["content"]),))
        case _:
            return SayPrivately(message["target"], json_text(message["content"]))


_SAMPLES = (
    b'{"type":"join","username":"x"}',
    b'{"type":"join","username":" \\u200b"}',
    b'{"type":"message","content":"x"}',
    b'{"type":"message","content":""}',
    b'{"type":"private_message","target":"x","content":"x"}',
    b'{"type":"private_message","target":7}',
    b"[NaN",
    b"\xff",
)


def warm_up() -> None:
    """Load all that judging needs, so that no later lack of file descriptors can keep it from being loaded."""
    for sample in _SAMPLES:
        judge(sample)
