"""A peer: one connection to the server under test, in the vocabulary of the protocol."""

import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chatproof_conformance.core.outcomes import Blocked, Broken, Inconclusive
from chatproof_conformance.core.text import listed, quoted, shown_frame
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.expectations import Expectation, Message
from chatproof_conformance.endpoints.peers.inbox import Inbox, InboxItem, Violation
from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.transcript import Kind

if TYPE_CHECKING:
    from chatproof_conformance.endpoints.peers.session import ServerSession

_LEAVING_SECONDS = 1.0
_ENDED = "an LF after every frame (a server of the original kind sends none: check it with --framing none)"


class Peer:
    """One connection.

    What it says is sent at once and not waited for. What it expects is taken out of its inbox; an expectation that
    fails raises :class:`~chatproof_conformance.core.outcomes.Broken`.

    Attributes:
        name: the user name under which it has joined, or None.
        stalled: whether it has stopped reading for good.
        connection: its raw bytes.
        inbox: what it has received and no expectation has taken yet.
    """

    def __init__(self, chat: "ServerSession", connection: Connection) -> None:
        """Belong to a chat; :meth:`ServerSession.connect` makes peers."""
        self.name: str | None = None
        self.stalled = False
        self.connection = connection
        self.inbox = Inbox(connection.label, chat.markers, chat.evidence, chat.violations, chat.is_of_others)
        self._chat = chat

    def __str__(self) -> str:
        """Return how reports name it."""
        return self.connection.label

    # What it sends

    def sends(self, message: dict[str, Any]) -> None:
        """Send a message as one frame."""
        self.sends_frame(json.dumps(message, ensure_ascii=False).encode("utf-8"))

    def sends_frame(self, frame: bytes) -> None:
        """Send the bytes of a frame, ended as the framing asks."""
        self.sends_bytes(frame if self._chat.framing == "none" else frame + b"\n")

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes as they are, in one piece."""
        self.connection.send(data, self._chat.timeout.deadline)

    def asks_to_join(self, name: str, **extra: Any) -> None:
        """Send a join."""
        self._chat.claims(name)
        self.sends({"type": "join", "username": name, **extra})

    def says(self, content: str, **extra: Any) -> None:
        """Send a public message."""
        self.sends({"type": "message", "content": content, **extra})

    def whispers(self, target: "Peer | str", content: str, **extra: Any) -> None:
        """Send a private message."""
        self.sends({"type": "private_message", "target": name_of(target), "content": content, **extra})

    # What it expects

    def joins(self, name: str) -> Message:
        """Join under a name and see the notice of it."""
        self.asks_to_join(name)
        return self.is_joined_as(name)

    def is_joined_as(self, name: str) -> Message:
        """Expect the notice of its own join, and count as joined from then on."""
        self._chat.claims(name)
        notice = self.expects(expectations.notice_naming(name))
        self.name = name
        self._chat.present.append(self)
        return notice

    def hears(self, sender: "Peer", content: str, name: str | None = None) -> Message:
        """Expect a public message of another peer, or of its own."""
        return self.expects(expectations.public_message(name or name_of(sender), content), proof=sender)

    def hears_privately(self, sender: "Peer", content: str) -> Message:
        """Expect a private message."""
        return self.expects(expectations.private_message(name_of(sender), content), proof=sender)

    def is_told_delivered(self, target: "Peer | str", content: str) -> Message:
        """Expect the confirmation of a delivery."""
        return self._is_told(target, content, delivered=True)

    def is_told_undelivered(self, target: "Peer | str", content: str) -> Message:
        """Expect to be told that a private message reached nobody."""
        return self._is_told(target, content, delivered=False)

    def _is_told(self, target: "Peer | str", content: str, *, delivered: bool) -> Message:
        name = name_of(target)
        try:
            return self.expects(expectations.confirmation(name, content, delivered=delivered), proof=self)
        except Broken as broken:
            if self.inbox.take(expectations.confirmation(name, content, delivered=not delivered)) is not None:
                raise
            # Whatever the case is about: no confirmation, or one of something else, is a fault of confirming.
            raise Broken(broken.expected, broken.actual, "CONFIRM-1" if delivered else "CONFIRM-2") from None

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

        Where it does not come promptly and ``proof`` is a joined peer, whose frames are the cause of what is expected,
        that peer sends a marker: by ORDER-1 what is missing when the marker arrives will not come any more.

        Raises:
            Broken: where it does not come.
        """
        message = self._awaits(expected, proof)
        if message is None:
            raise Broken(f"{expected.text} at {self}", self._instead(expected))
        self._chat.evidence.deliveries += 1
        return message

    def settles(self) -> None:
        """Fence its own connection, then forget the system messages that a server may send a newcomer.

        Raises:
            Blocked: where its own public message does not come back.
        """
        marker = self._chat.mark(self)
        if not self.awaits_marker(marker):
            raise Blocked("PUBLIC-1", f"a public message of {self} did not come back to it")
        self.inbox.waiting = [r for r in self.inbox.waiting if r.message.get("type") != "system"]

    def expects_any(self, *types: str) -> Message:
        """Expect a message of one of these types that concerns this peer, and return it."""
        text = " or ".join(types)
        return self.expects(
            Expectation(f"an answer: {text}", lambda m: self._answers(m, types), lambda _: True), proof=self
        )

    def first_message(self) -> Message:
        """Wait until anything has arrived, and return the first message, which stays in the inbox.

        Raises:
            Broken: where nothing comes.
        """
        give_up = time.monotonic() + self._chat.timeout.deadline
        while not self.inbox.waiting:
            if not self.reads(give_up - time.monotonic()):
                raise Broken(f"an answer at {self}", self._instead(expectations.error()))
        return self.inbox.waiting[0].message

    def has_got(self, count: int) -> None:
        """Wait until so many messages are in the inbox; what is missing there is the matter of later expectations."""
        give_up = time.monotonic() + self._chat.timeout.deadline
        while len(self.inbox.waiting) < count and self.reads(give_up - time.monotonic()):
            pass

    def last_shown(self, message: Message) -> str:
        """Return a message as a report shows it."""
        return shown_frame(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))

    def inbox_messages(self) -> list[Message]:
        """Return what is in the inbox."""
        return [received.message for received in self.inbox.waiting]

    def forgets(self, beginning: str | None = None) -> None:
        """Drop public and private messages whose content begins so; without an argument, all that is in the inbox."""
        if beginning is None:
            self.inbox.waiting.clear()
        else:
            kept = [r for r in self.inbox.waiting if not str(r.message.get("content", "")).startswith(beginning)]
            self.inbox.waiting = kept

    def stops_reading(self) -> None:
        """Read no more, and count as absent: no fence waits for it."""
        self.stalled = True
        self._is_gone()

    def awaits_marker(self, marker: str) -> bool:
        """Wait until a fence's marker has arrived; return False where it does not."""
        give_up = time.monotonic() + self._chat.timeout.deadline
        while not self.inbox.seen_markers[marker]:
            if not self.reads(give_up - time.monotonic()):
                return False
        return True

    def is_disconnected(self) -> Kind:
        """Wait for the server to end the connection; return how it did.

        Raises:
            Broken: where it does not.
        """
        give_up = time.monotonic() + self._chat.timeout.deadline
        while self.connection.ended is None:
            if not self.reads(give_up - time.monotonic()) and self.connection.ended is None:
                raise Broken(f"the server to end the connection of {self}", "it stays open")
        return self.connection.ended

    def reads(self, seconds: float) -> bool:
        """Wait so long for bytes and put what they complete into the inbox; return whether any came."""
        before = self.connection.arrivals
        self.inbox.add(self.connection.receive(seconds), since=self.connection.idle_at)
        if self.connection.ended is Kind.SERVER_CLOSE:
            self._check_last_bytes()
        return self.connection.arrivals > before

    def stays_open(self) -> bool:
        """Return whether the server keeps the connection open: then it answers a frame that it must refuse.

        Raises:
            Blocked: where it does neither: then ERROR-1 is what is broken.
        """
        self.sends_frame(b"x")
        give_up = time.monotonic() + self._chat.timeout.deadline
        while self.inbox.take(expectations.error()) is None:
            if self.connection.ended is not None:
                return False
            if not self.reads(give_up - time.monotonic()) and time.monotonic() >= give_up:
                raise Blocked("ERROR-1", f"{self} got no error for a frame that is not JSON, and is still connected")
        return self.connection.open

    def reads_what_came(self) -> None:
        """Put everything that has arrived into the inbox, without waiting."""
        while self.reads(0):
            pass

    # How it goes

    def leaves(self) -> None:
        """End the connection in order: end the sending direction, read to the end of the stream, close."""
        self.half_closes()
        self.reads_to_the_end()
        self.connection.close()

    def reads_to_the_end(self) -> None:
        """Read until the server has ended the connection, or for a second."""
        give_up = time.monotonic() + _LEAVING_SECONDS
        while self.connection.ended is None and time.monotonic() < give_up:
            self.reads(give_up - time.monotonic())

    def half_closes(self) -> None:
        """End the sending direction in order."""
        self._is_gone()
        self.connection.half_close()

    def resets(self) -> None:
        """Reset the connection."""
        self._is_gone()
        self.connection.reset()

    def _is_gone(self) -> None:
        if self in self._chat.present:
            self._chat.present.remove(self)

    def _awaits(self, expected: Expectation, proof: "Peer | None") -> Message | None:
        timeout = self._chat.timeout
        start = time.monotonic()
        give_up, ask = start + timeout.deadline, start + timeout.soft
        marker: str | None = None
        while (message := self.inbox.take(expected)) is None:
            now = time.monotonic()
            if marker is not None and self.inbox.seen_markers[marker]:
                return None
            if marker is None and now >= ask and proof is not None and proof.can_prove_at(self):
                marker = self._chat.mark(proof)
            until = give_up if marker is not None or proof is None else max(ask, now)
            if not self.reads(until - now) and (self.connection.ended or time.monotonic() >= give_up):
                timeout.miss()
                return self.inbox.take(expected)
            if now >= ask and marker is None:
                proof = None
        timeout.learn(time.monotonic() - start)
        return message

    def _answers(self, message: Message, types: tuple[str, ...]) -> bool:
        """Whether a message is of one of the types and, where it is public, this peer's own."""
        own = message.get("type") != "message" or message.get("username") == self.name
        return message.get("type") in types and own

    def can_prove_at(self, other: "Peer") -> bool:
        """Whether a marker of this peer must arrive at another."""
        present = self._chat.present
        return self in present and other in present and self.connection.open and other.connection.open

    def _instead(self, expected: Expectation) -> str:
        self._blame_framing()
        shown = [shown_frame(r.frame) for r in self.inbox.waiting if expected.resembles(r.message)]
        instead = f"; what came instead: {listed(shown)}" if shown else ""
        if self.connection.ended is not None:
            how = "closed" if self.connection.ended is Kind.SERVER_CLOSE else "reset"
            return f"the server {how} the connection{instead}"
        return f"nothing of the kind{instead}"

    def _blame_framing(self) -> None:
        """Where a whole object stands unended, the missing LF is the cause of all that follows."""
        if self._chat.framing == "lf" and _is_object(self.connection.unfinished):
            actual = f"{shown_frame(self.connection.unfinished)} with nothing after it"
            self._chat.violations.append(Violation("FRAME-1", str(self), _ENDED, actual))
            raise Blocked("FRAME-1", "frames are not ended by LF")

    def _check_last_bytes(self) -> None:
        rest = self.connection.unfinished.strip(b" \t\r\n")
        if rest and self._chat.framing == "lf":
            actual = f"{shown_frame(rest)} and then the end of the stream"
            self._chat.violations.append(Violation("FRAME-1", str(self), _ENDED, actual))


def name_of(user: "Peer | str") -> str:
    """Return the name of a peer that has joined, or the name itself."""
    if isinstance(user, str):
        return user
    if user.name is None:
        raise Inconclusive(f"{user} has not joined")
    return user.name


def frames_of(inbox: Iterable[InboxItem]) -> str:
    """Return frames as a list for a sentence."""
    return listed([shown_frame(received.frame) for received in inbox])


def described(user: "Peer | str") -> str:
    """Return a user's name in quotes."""
    return quoted(name_of(user))


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(decode_frame(data), dict)
    except FrameRefused:
        return False
