"""What a client asks for: its frequent frames are recognised by their shape, all others judged by the schemas.

To recognise is several times as fast as to parse and to validate; what is recognised is valid by the schemas.
"""

from collections.abc import Container
from dataclasses import dataclass

from chatproof_reference.server.replies import json_text
from chatproof_reference.server.shapes import shape
from chatproof_reference.wire import Frame, OverlongFrame
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameRefused, read_frame


@dataclass(slots=True)
class Join:
    """Asks to enter the chat."""

    username: str


@dataclass(slots=True)
class Say:
    """A public message; ``content`` is a JSON string."""

    content: bytes


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


def recognise(frame: Frame, names: Container[str]) -> Request | None:
    """Return what a frame asks for, or None if only :func:`judge` can decide.

    A target must be one of ``names``, those of joined users: that it is a valid name has been judged when it joined.
    """
    if isinstance(frame, OverlongFrame):
        return None
    found = shape("message").fullmatch(frame)
    if found:
        return Say(found[1]) if _is_utf_8(frame) else None
    found = shape("private_message").fullmatch(frame)
    if found and _is_utf_8(frame) and (target := found[1].decode()) in names:
        return SayPrivately(target, found[2])
    return None


def judge(frame: Frame) -> Request:
    """Return what a frame asks for, by the schemas."""
    if isinstance(frame, OverlongFrame):
        return Refused(f"The frame is too long; expected at most {CLIENT_FRAME_BYTES} bytes", "frame_too_long")
    try:
        message = read_frame(frame, Direction.CLIENT)
    except FrameRefused as refusal:
        # ERROR-12: the problems come in the order of precedence of their codes.
        return Refused(str(refusal.problems[0]), refusal.problems[0].code)
    match message["type"]:
        case "join":
            return Join(message["username"])
        case "message":
            return Say(json_text(message["content"]))
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


def _is_utf_8(frame: bytes) -> bool:
    if frame.isascii():
        return True
    try:
        frame.decode()
    except UnicodeDecodeError:
        return False
    return True
