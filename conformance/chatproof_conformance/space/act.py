"""An act: one frame of a client, with its place in the space of input."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from chatproof_conformance.space.room import Room
from chatproof_schemas import CLIENT_FRAME_BYTES, FrameRefused, decode_frame


@dataclass(frozen=True, slots=True)
class Act:
    """One frame, as a point in the space.

    Attributes:
        type: the message type that it is, or nearly is; empty if it is none.
        member: which member is at stake; empty if it is the frame as a whole.
        value: the class of that member's value, such as ``null`` or ``33 code points of 4 bytes``.
        spelling: how the frame is written; ``plain`` if nothing is special about it.
        write: returns the frame's bytes, without LF, for the people of a script. It uses new words at each call.
    """

    type: str
    member: str
    value: str
    write: Callable[[Room], bytes]
    spelling: str = "plain"

    @property
    def label(self) -> str:
        """Its place as people read it, which is the same in every run: ``message.content: null``."""
        where = ".".join(part for part in (self.type, self.member) if part)
        spelt = "" if self.spelling == "plain" else f", {self.spelling}"
        return f"{where}: {self.value}{spelt}" if where else f"{self.value}{spelt}"


@functools.cache
def lacks_end(act: Act | None) -> bool:
    """Whether nothing but an LF would end the frame of an act: it is no whole object, or too long."""
    if act is None:
        return False
    frame = act.write(Room("token", "own", ("present", "other", "third")))
    try:
        return len(frame) > CLIENT_FRAME_BYTES or not isinstance(decode_frame(frame), dict)
    except FrameRefused:
        return True
