"""What a client asks for, read from its frames and judged by the schemas, with no input or output."""

from dataclasses import dataclass

from chatproof_reference.server.replies import json_text
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
    """A frame that is no valid message: what to answer."""

    text: str
    code: str


Request = Join | Say | SayPrivately | Refused

_OVERLONG = Refused(f"The frame is too long; expected at most {CLIENT_FRAME_BYTES} bytes", "frame_too_long")


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


def judge(frame: Frame) -> Request:
    """Return what a frame asks for, by the schemas."""
    if isinstance(frame, OverlongFrame):
        return _OVERLONG
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
