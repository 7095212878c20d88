"""A peer: one connection to the server under test, in the vocabulary of the protocol."""

import json
from collections.abc import Iterable
from typing import Any

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.core.text import MOST_LISTED, listed, shown_frame
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.chat_state import ChatState
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.expectations import Expectation, Message
from chatproof_conformance.endpoints.peers.inbox import InboxItem
from chatproof_conformance.endpoints.peers.receiver import Receiver
from chatproof_schemas.transcript import Kind


class Peer:
    """One connection.

    What it says is sent at once and not waited for. What it expects is taken out of its inbox; an expectation that
    fails raises :class:`~chatproof_conformance.core.outcomes.Broken`.

    Attributes:
        name: the user name under which it has joined, or None.
        connection: its raw bytes.
        receiver: reads them, and waits for them.
        inbox: what it has received and no expectation has taken yet.
    """

    def __init__(self, state: ChatState, connection: Connection) -> None:
        """Take part in a chat."""
        self.name: str | None = None
        self.connection = connection
        self.receiver = Receiver(connection, state)
        self.inbox = self.receiver.inbox
        self._state = state

    def __str__(self) -> str:
        """Return how reports name it."""
        return self.connection.label

    # What it sends

    def sends(self, message: dict[str, Any]) -> None:
        """Send a message as one frame."""
        self.sends_frame(json.dumps(message, ensure_ascii=False).encode("utf-8"))

    def sends_frame(self, frame: bytes) -> None:
        """Send the bytes of a frame, ended as the framing asks."""
        self.sends_bytes(frame if self._state.run.framing == "none" else frame + b"\n")

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes as they are, in one piece."""
        self.connection.send(data, self._state.run.timeout.deadline)

    def asks_to_join(self, name: str, **extra: Any) -> None:
        """Send a join."""
        self._state.register_own(name)
        self.sends({"type": "join", "username": name, **extra})

    def says(self, content: str, **extra: Any) -> None:
        """Send a public message."""
        self.sends({"type": "message", "content": content, **extra})

    def whispers(self, target: "Peer | str", content: str, **extra: Any) -> None:
        """Send a private message."""
        self.sends({"type": "private_message", "target": name_of(target), "content": content, **extra})

    def sends_marker(self) -> str:
        """Send the marker of a fence, a public message; return its content."""
        marker = self._state.new_marker(str(self.name))
        self.says(marker)
        return marker

    # What it expects

    def joins(self, name: str) -> Message:
        """Join under a name and expect the notice of it."""
        self.asks_to_join(name)
        return self.is_joined_as(name)

    def is_joined_as(self, name: str) -> Message:
        """Expect the notice of its own join, and count as present from then on."""
        notice = self.expects(expectations.notice_naming(name))
        self.name = name
        self._state.present.append(str(self))
        return notice

    def hears(self, sender: "Peer", content: str, name: str | None = None) -> Message:
        """Expect a public message of another peer, or of its own."""
        return self.expects(expectations.public_message(name or name_of(sender), content), proof=sender)

    def hears_privately(self, sender: "Peer", content: str) -> Message:
        """Expect a private message."""
        return self.expects(expectations.private_message(name_of(sender), content), proof=sender)

    def is_told_delivered(self, target: "Peer | str", content: str) -> Message:
        """Expect the confirmation of a delivery."""
        return self.expects(expectations.confirmation(name_of(target), content, delivered=True), proof=self)

    def is_told_undelivered(self, target: "Peer | str", content: str) -> Message:
        """Expect the confirmation that a private message reached nobody."""
        return self.expects(expectations.confirmation(name_of(target), content, delivered=False), proof=self)

    def gets_error(self, why: str = "") -> Message:
        """Expect an error; ``why`` says for what, in the report."""
        expected = expectations.error()
        text = f"{expected.text} {why}".strip()
        return self.expects(Expectation(text, expected.matches, expected.resembles), proof=self)

    def sees_notice(self, user: "Peer | str") -> Message:
        """Expect a system message that names a user: of a join, or of a leave."""
        return self.expects(expectations.notice_naming(name_of(user)))

    def hears_announcement(self, text: str) -> Message:
        """Expect what the operator announces."""
        return self.expects(expectations.announcement(text))

    def expects(self, expected: Expectation, *, proof: "Peer | None" = None) -> Message:
        """Wait for a message and take it out of the inbox.

        If it does not come promptly and ``proof`` is a joined peer, whose frames are the cause of what is expected,
        that peer sends a marker: by ORDER-1 what is missing when the marker arrives will not come any more.

        Raises:
            Broken: if it does not come.
        """

        def send_marker() -> str | None:
            if proof is None or not all(p.connection.open and str(p) in self._state.present for p in (proof, self)):
                return None
            return proof.sends_marker()

        message = self.receiver.wait_for(expected, send_marker)
        if message is None:
            raise self.receiver.lack(expected)
        return message

    def is_disconnected(self) -> Kind:
        """Wait for the server to end the connection; return how it did.

        Raises:
            Broken: if it does not.
        """
        self.receiver.read_until(lambda: self.connection.ended is not None)
        if self.connection.ended is None:
            raise Broken(f"the server to end the connection of {self}", "it stays open")
        return self.connection.ended

    # How it ends

    def leaves(self) -> None:
        """End the connection in order: end the sending direction, read to the end of the stream, close."""
        self.half_closes()
        self.receiver.read_to_end()
        self.connection.close()

    def half_closes(self) -> None:
        """End the sending direction in order."""
        self._state.count_as_absent(str(self))
        self.connection.half_close()

    def resets(self) -> None:
        """Reset the connection."""
        self._state.count_as_absent(str(self))
        self.connection.reset()


def name_of(user: Peer | str) -> str:
    """Return the name of a peer that has joined, or the name itself."""
    if isinstance(user, str):
        return user
    if user.name is None:
        raise ValueError(f"{user} has not joined")
    return user.name


def unexpected(peer: Peer, expected: str, items: Iterable[InboxItem]) -> Broken:
    """Return what ends a chat in which these frames came instead of what was expected."""
    frames = tuple(item.frame for item in items)
    actual = listed(list(map(shown_frame, frames)))
    return Broken(expected, actual, connection=str(peer), frames=frames[:MOST_LISTED])
