"""What happens in a conversation: the server says something, or the user is asked to. Nothing here knows of bytes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatproof_conformance.space.spellings import SPELLINGS, plain

Message = Mapping[str, Any]
PLAIN = "plain"


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A message of the server, valid, and written in any spelling.

    Attributes:
        label: its place in the space, as people read it.
        message: its members.
    """

    label: str
    message: Message

    @property
    def kind(self) -> str:
        """What findings that look alike have in common."""
        return self.label.partition(":")[0]

    def frame(self, spelling: str) -> bytes:
        """Return its bytes, without LF."""
        return SPELLINGS.get(spelling, plain)(self.message)


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """A line of the server that is written as it is: a bad frame, a blank line, or a valid one in words of its own."""

    label: str
    data: bytes

    @property
    def kind(self) -> str:
        """What findings that look alike have in common."""
        return self.label.partition(":")[0]

    def frame(self, spelling: str) -> bytes:  # noqa: ARG002  it has one of its own
        """Return its bytes, without LF."""
        return self.data


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Something that the user says, and what the server answers if the client sends it.

    Attributes:
        label: its place in the space, as people read it.
        content: what is said.
        target: to whom; None: to all.
        delivered: whether the server delivers a private message.
        more: further members of the answer.
        to_self: whether a private message goes to the user, who receives it, too.
    """

    label: str
    content: str
    target: str | None = None
    delivered: bool = True
    more: Message = field(default_factory=dict)
    to_self: bool = False

    @property
    def kind(self) -> str:
        """What findings that look alike have in common."""
        return self.label.partition(":")[0]

    def request(self) -> dict[str, Any]:
        """Return what the driver is asked for."""
        if self.target is None:
            return {"do": "say", "content": self.content}
        return {"do": "say_privately", "target": self.target, "content": self.content}

    def answers(self, sent: Message, own: str, time: str) -> list[Message]:
        """Return what a server sends back to who sent this message under a name."""
        content = sent.get("content")
        if sent.get("type") == "message":
            return [{"type": "message", "username": own, "content": content, "timestamp": time, **self.more}]
        target = sent.get("target")
        to_self = [{"type": "private_message", "sender": own, "content": content, "timestamp": time}]
        confirmation = {
            "type": "private_confirmation",
            "target": target,
            "content": content,
            "delivered": self.delivered,
            "timestamp": time,
            **self.more,
        }
        return [*(to_self if target == own else ()), confirmation]


Act = Said | Raw | Asked
OfServer = Said | Raw


def shown(value: object, most: int = 60) -> str:
    """Return a value as part of a label: in ASCII, and not long."""
    text = ascii(value) if isinstance(value, bytes) else json.dumps(value)
    return text if len(text) <= most else f"{text[:most]}... of {len(text)}"


Write = Callable[[str], bytes]
