"""A peer: one connection to the server under test, in the vocabulary of the protocol."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chatproof_conformance.core.outcomes import Broken, Inconclusive
from chatproof_conformance.core.text import MOST_LISTED, listed, shown_frame
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.case_context import CaseContext
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
        stalled: whether it has stopped reading for good.
        connection: its raw bytes.
        receiver: reads them, and waits for them.
        inbox: what it has received and no expectation has taken yet.
    """

    def __init__(self, case: CaseContext, connection: Connection) -> None:
        """Take part in a case."""
        self.name: str | None = None
        self.stalled = False
        self.connection = connection
        self.receiver = Receiver(connection, case)
        self.inbox = self.receiver.inbox
        self._case = case

    def __str__(self) -> str:
        """Return how reports name it."""
        return self.connection.label

    # What it sends

    def sends(self, message: dict[str, Any]) -> None:
        """Send a message as one frame."""
        self.sends_frame(json.dumps(message, ensure_ascii=False).encode("utf-8"))

    def sends_frame(self, frame: bytes) -> None:
        """Send the bytes of a frame, ended as the framing asks."""
        self.sends_bytes(frame if self._case.framing == "none" else frame + b"\n")

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes as they are, in one piece."""
        self.connection.send(data, self._case.timeout.deadline)

    def asks_to_join(self, name: str, **extra: Any) -> None:
        """Send a join."""
        self._case.register_own(name)
        self.sends({"type": "join", "username": name, **extra})

    def says(self, content: str, **extra: Any) -> None:
        """Send a public message."""
        self.sends({"type": "message", "content": content, **extra})

    def whispers(self, target: "Peer | str", content: str, **extra: Any) -> None:
        """Send a private message."""
        self.sends({"type": "private_message", "target": name_of(target), "content": content, **extra})

    def sends_marker(self) -> str:
        """Send the marker of a fence, a public message; return its content."""
        marker = self._case.new_marker(str(self.name))
        self.says(marker)
        return marker

    # What it expects

    def joins(self, name: str) -> Message:
        """Join under a name and expect the notice of it."""
        self.asks_to_join(name)
        return self.is_joined_as(name)

    def is_joined_as(self, name: str) -> Message:
        """Expect the notice of its own join, and count as present from then on."""
        self._case.register_own(name)
        notice = self.expects(expectations.notice_naming(name))
        self.counts_as_present(name)
        return notice

    def hears(self, sender: "Peer", content: str, name: str | None = None) -> Message:
        """Expect a public message of another peer, or of its own."""
        return self.expects(expectations.public_message(name or name_of(sender), content), proof=sender)

    def hears_privately(self, sender: "Peer", content: str) -> Message:
        """Expect a private message."""
        return self.expects(expectations.private_message(name_of(sender), content), proof=sender)

    def is_told_delivered(self, target: "Peer | str", content: str) -> Message:
        """Expect the confirmation of a delivery."""
        return self._expects_confirmation(name_of(target), content, delivered=True)

    def is_told_undelivered(self, target: "Peer | str", content: str) -> Message:
        """Expect the confirmation that a private message reached nobody."""
        return self._expects_confirmation(name_of(target), content, delivered=False)

    def _expects_confirmation(self, name: str, content: str, *, delivered: bool) -> Message:
        try:
            return self.expects(expectations.confirmation(name, content, delivered=delivered), proof=self)
        except Broken as broken:
            if self.inbox.take(expectations.confirmation(name, content, delivered=not delivered)) is not None:
                raise
            # Whatever the case is about: no confirmation, or one of something else, is a fault of confirming.
            id_ = "CONFIRM-1" if delivered else "CONFIRM-2"
            raise Broken.of(replace(broken.finding, requirement=id_)) from None

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

    def expects_any(self, *types: str) -> Message:
        """Expect a message of one of these types, which answers this peer if it is public: its own."""

        def matches(message: Message) -> bool:
            own = message.get("type") != "message" or message.get("username") == self.name
            return message.get("type") in types and own

        return self.expects(Expectation(f"an answer: {' or '.join(types)}", matches, lambda _: True), proof=self)

    def expects(self, expected: Expectation, *, proof: "Peer | None" = None) -> Message:
        """Wait for a message and take it out of the inbox.

        If it does not come promptly and ``proof`` is a joined peer, whose frames are the cause of what is expected,
        that peer sends a marker: by ORDER-1 what is missing when the marker arrives will not come any more.

        Raises:
            Broken: if it does not come.
        """

        def send_marker() -> str | None:
            if proof is None or not all(p.connection.open and str(p) in self._case.present for p in (proof, self)):
                return None
            return proof.sends_marker()

        message = self.receiver.wait_for(expected, send_marker)
        if message is None:
            raise self.receiver.lack(expected.text, expected)
        self._case.evidence.deliveries += 1
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

    # Who is present

    def counts_as_present(self, name: str) -> None:
        """Have joined under a name: fences reach it from now on."""
        self.name = name
        self._case.present.append(str(self))

    def stops_reading(self) -> None:
        """Read no more, and count as absent: no fence waits for it."""
        self.stalled = True
        self._case.count_as_absent(str(self))

    def leaves(self) -> None:
        """End the connection in order: end the sending direction, read to the end of the stream, close."""
        self.half_closes()
        self.receiver.read_to_end()
        self.connection.close()

    def half_closes(self) -> None:
        """End the sending direction in order."""
        self._case.count_as_absent(str(self))
        self.connection.half_close()

    def resets(self) -> None:
        """Reset the connection."""
        self._case.count_as_absent(str(self))
        self.connection.reset()


def name_of(user: Peer | str) -> str:
    """Return the name of a peer that has joined, or the name itself."""
    if isinstance(user, str):
        return user
    if user.name is None:
        raise Inconclusive(f"{user} has not joined")
    return user.name


def unexpected(peer: Peer, expected: str, items: Iterable[InboxItem], requirement: str | None = None) -> Broken:
    """Return what ends a case in which these frames came instead of what was expected."""
    frames = tuple(received.frame for received in items)
    actual, listed_frames = listed(list(map(shown_frame, frames))), frames[:MOST_LISTED]
    return Broken(expected, actual, requirement, connection=str(peer), frames=listed_frames)
