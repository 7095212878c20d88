"""A server's frame by itself: judged once, wherever and however often it arrives: most of the work of a run."""

import functools
from dataclasses import dataclass
from typing import Any

from chatproof_schemas import Direction, FrameRefused, Problem, decode_frame, find_problems


@dataclass(frozen=True, slots=True)
class CheckedFrame:
    """What a frame holds.

    Attributes:
        message: its object; None if it holds none.
        refused: why it cannot be read as JSON, or None.
        problems: what keeps its object from being a valid message of a server.
    """

    message: dict[str, Any] | None
    refused: FrameRefused | None = None
    problems: tuple[Problem, ...] = ()


@functools.lru_cache(maxsize=8192)
def check_frame(frame: bytes) -> CheckedFrame:
    """Decode a frame (without its LF) and compare it with the schemas; its length is not looked at."""
    try:
        value = decode_frame(frame)
    except FrameRefused as refused:
        return CheckedFrame(None, refused)
    if not isinstance(value, dict):
        return CheckedFrame(None)
    return CheckedFrame(value, problems=find_problems(value, Direction.SERVER))
