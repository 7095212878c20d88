"""Reads a peer's connection into its inbox, waits for what is expected there, and explains what came instead."""

import time
from collections.abc import Callable

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.core.text import MOST_LISTED, listed, shown_frame
from chatproof_conformance.endpoints.peers.chat_state import ChatState
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.expectations import Expectation, Message
from chatproof_conformance.endpoints.peers.inbox import Inbox
from chatproof_schemas.transcript import Kind

_LEAVING_SECONDS = 1.0
_ENDED = "an LF after every frame (a server of the original kind sends none: check it with --framing none)"


class Receiver:
    """The receiving half of a peer.

    Attributes:
        inbox: what has been received and no expectation has taken yet.
    """

    def __init__(self, connection: Connection, state: ChatState) -> None:
        """Read a connection; check its frames for a chat."""
        self.inbox = Inbox(state)
        self._connection = connection
        self._state = state

    def read(self, seconds: float) -> bool:
        """Wait so long for bytes and put what they complete into the inbox; return whether any came."""
        before = self._connection.arrivals
        self.inbox.add(self._connection.receive(seconds))
        return self._connection.arrivals > before

    def read_to_end(self) -> None:
        """Read until the server has ended the connection, or for a second."""
        give_up = time.monotonic() + _LEAVING_SECONDS
        while self._connection.ended is None and time.monotonic() < give_up:
            self.read(give_up - time.monotonic())

    def read_until(self, condition: Callable[[], bool]) -> bool:
        """Read until a condition holds; return False if the deadline passes first and no more comes."""
        give_up = time.monotonic() + self._state.run.timeout.deadline
        while not condition():
            if not self.read(give_up - time.monotonic()):
                return condition()
        return True

    def wait_for_marker(self, marker: str) -> bool:
        """Wait until a fence's marker has arrived; return False if it does not."""
        return self.read_until(lambda: self.inbox.seen_markers[marker] > 0)

    def wait_for(self, expected: Expectation, send_marker: Callable[[], str | None]) -> Message | None:
        """Take a message out of the inbox as soon as it is there; return None if it does not come.

        Args:
            expected: the message.
            send_marker: sends the fence behind what is expected, if it does not come promptly: what is missing when
                the marker arrives will not come any more. It returns None if there can be no fence.
        """
        timeout = self._state.run.timeout
        start = time.monotonic()
        give_up, ask = start + timeout.deadline, start + timeout.soft
        marker: str | None = None
        has_asked = False
        while (message := self.inbox.take(expected)) is None:
            now = time.monotonic()
            if marker is not None and self.inbox.seen_markers[marker]:
                return None
            if now >= ask and not has_asked:
                marker, has_asked = send_marker(), True
            until = give_up if has_asked else ask
            if not self.read(until - now) and (self._connection.ended or time.monotonic() >= give_up):
                timeout.miss()
                return self.inbox.take(expected)
        timeout.learn(time.monotonic() - start)
        return message

    def lack(self, expected: Expectation) -> Broken:
        """Return what ends a chat in which a message does not come: what was expected, and what came instead."""
        rest = self._connection.unfinished.strip(b" \t\r\n")
        if rest and self._state.run.framing == "lf":
            actual = f"{shown_frame(rest)} with nothing after it"
            return Broken(_ENDED, actual, "FRAME-1", connection=self._connection.label)
        frames = tuple(r.frame for r in self.inbox.waiting if expected.resembles(r.message))
        actual = "nothing of the kind"
        if self._connection.ended is not None:
            actual = f"the server {'closed' if self._connection.ended is Kind.SERVER_CLOSE else 'reset'} the connection"
        if frames:
            actual += f"; what came instead: {listed(list(map(shown_frame, frames)))}"
        return Broken(expected.text, actual, connection=self._connection.label, frames=frames[:MOST_LISTED])
