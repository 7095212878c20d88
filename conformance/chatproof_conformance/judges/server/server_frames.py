"""A server's frame as it arrived: what it says, and whether SPEC.md lets a server send it (FRAME-1, FRAME-8)."""

import enum
import functools
from dataclasses import dataclass
from typing import Any

from chatproof_conformance.wire.checked_frame import check_frame
from chatproof_conformance.wire.timestamps import second_of_day
from chatproof_schemas import SERVER_FRAME_BYTES, Direction, members_of, message_types

JOINED = " joined the chat"
LEFT = " left the chat"


class MessageKind(enum.IntEnum):
    """What a server's frame is. The first three have the values of the :class:`Verb` that causes them."""

    JOINED = 0
    PUBLIC = 1
    PRIVATE = 2
    LEFT = 3
    CONFIRMATION = 4
    ERROR = 5
    SYSTEM = 6
    """A system message in another wording than that of the notices of JOIN-3 and LEAVE-3."""
    ANNOUNCEMENT = 7
    NOTHING = 8
    """A frame that cannot be read, or of no known type."""


_KINDS = {
    "message": MessageKind.PUBLIC,
    "private_message": MessageKind.PRIVATE,
    "private_confirmation": MessageKind.CONFIRMATION,
    "error": MessageKind.ERROR,
    "server": MessageKind.ANNOUNCEMENT,
    "system": MessageKind.SYSTEM,
}
"""What each type is to the judge; its members stand in the schemas."""


@dataclass(frozen=True, slots=True)
class ServerFrame:
    """A server's frame, the same wherever it arrives.

    Attributes:
        kind: what it is.
        name: who it comes from, whom a notice names, or the target of a confirmation.
        text: content, or the message's text.
        message: the object; empty if it cannot be read.
        timestamp: the time of day that it carries in seconds, None if it has none that can be read.
        data: its bytes, without LF.
        unreadable: what is wrong under FRAME-1, or empty.
        invalid: what is wrong under FRAME-8, or empty.
    """

    kind: MessageKind
    name: str
    text: str
    message: dict[str, Any]
    timestamp: int | None
    data: bytes
    unreadable: str = ""
    invalid: str = ""


@functools.lru_cache(maxsize=8192)
def read_server_frame(frame: bytes) -> ServerFrame:
    """Return what a frame (without its LF) says. Faulty frames are read as far as they can be."""
    unreadable = "" if len(frame) <= SERVER_FRAME_BYTES else f"a frame of {len(frame)} bytes"
    judged = check_frame(frame)
    if judged.message is None:
        what = f"a frame that {judged.refused.problems[0].what if judged.refused else 'is no JSON object'}"
        return ServerFrame(MessageKind.NOTHING, "", "", {}, None, frame, unreadable or what)
    message = judged.message
    kind, name, text = _read_message(message)
    invalid = str(judged.problems[0]) if judged.problems else ""
    return ServerFrame(kind, name, text, message, second_of_day(message.get("timestamp")), frame, unreadable, invalid)


def _read_message(message: dict[str, Any]) -> tuple[MessageKind, str, str]:
    name = _string(message, "type")
    if name not in message_types(Direction.SERVER):
        return MessageKind.NOTHING, "", ""
    members = members_of(Direction.SERVER, name)
    kind, user, text = _KINDS[name], _string(message, members.user), _string(message, members.text)
    return read_notice(text) if kind is MessageKind.SYSTEM else (kind, user, text)


def read_notice(text: str) -> tuple[MessageKind, str, str]:
    """Return whether a system message is a join or leave notice in the wording of SPEC.md, and whom it names."""
    if text.endswith(JOINED):
        return MessageKind.JOINED, text[: -len(JOINED)], text
    if text.endswith(LEFT):
        return MessageKind.LEFT, text[: -len(LEFT)], text
    return MessageKind.SYSTEM, "", text


def _string(message: dict[str, Any], member: str) -> str:
    value = message.get(member)
    return value if isinstance(value, str) else ""
