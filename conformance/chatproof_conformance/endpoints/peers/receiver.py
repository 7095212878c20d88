"""Reads a peer's connection into its inbox, waits for what is expected there, and explains what came instead."""

import time
from collections.abc import Callable

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import Blocked, Broken
from chatproof_conformance.core.text import MOST_LISTED, listed, shown_frame
from chatproof_conformance.endpoints.peers.case_context import CaseContext
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.expectations import Expectation, Message, error
from chatproof_conformance.endpoints.peers.inbox import Inbox
from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.transcript import Kind

_LEAVING_SECONDS = 1.0
_ENDED = "an LF after every frame (a server of the original kind sends none: check it with --framing none)"


class Receiver:
    """The receiving half of a peer.

    Attributes:
        inbox: what has been received and no expectation has taken yet.
    """

    def __init__(self, connection: Connection, case: CaseContext) -> None:
        """Read a connection; check its frames for a case."""
        self.inbox = Inbox(connection.label, case.markers, case.evidence, case.violations, case.belongs_to_others)
        self._connection = connection
        self._case = case

    def read(self, seconds: float) -> bool:
        """Wait so long for bytes and put what they complete into the inbox; return whether any came."""
        before = self._connection.arrivals
        self.inbox.add(self._connection.receive(seconds), since=self._connection.idle_at)
        if self._connection.ended is Kind.SERVER_CLOSE:
            self._check_last_bytes()
        return self._connection.arrivals > before

    def read_available(self) -> None:
        """Put everything that has arrived into the inbox, without waiting."""
        while self.read(0):
            pass

    def read_to_end(self) -> None:
        """Read until the server has ended the connection, or for a second."""
        give_up = time.monotonic() + _LEAVING_SECONDS
        while self._connection.ended is None and time.monotonic() < give_up:
            self.read(give_up - time.monotonic())

    def read_until(self, condition: Callable[[], bool]) -> bool:
        """Read until a condition holds; return False if the deadline passes first and no more comes."""
        give_up = time.monotonic() + self._case.timeout.deadline
        while not condition():
            if not self.read(give_up - time.monotonic()):
                return condition()
        return True

    def wait_for_marker(self, marker: str) -> bool:
        """Wait until a fence's marker has arrived; return False if it does not."""
        return self.read_until(lambda: self.inbox.seen_markers[marker] > 0)

    def wait_for_count(self, count: int) -> None:
        """Wait until so many messages are in the inbox; what is missing there is the matter of later expectations."""
        self.read_until(lambda: len(self.inbox.waiting) >= count)

    def first_message(self) -> Message:
        """Wait until anything has arrived, and return the first message, which stays in the inbox.

        Raises:
            Broken: if nothing comes.
        """
        if not self.read_until(lambda: bool(self.inbox.waiting)):
            raise self.lack("an answer", error())
        return self.inbox.waiting[0].message

    def wait_for(self, expected: Expectation, send_marker: Callable[[], str | None]) -> Message | None:
        """Take a message out of the inbox as soon as it is there; return None if it does not come.

        Args:
            expected: the message.
            send_marker: sends the fence behind what is expected, if it does not come promptly: what is missing when
                the marker arrives will not come any more. It returns None if there can be no fence.
        """
        timeout = self._case.timeout
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

    def lack(self, text: str, expected: Expectation) -> Broken:
        """Return what ends a case in which a message does not come: what was expected, and what came instead.

        Raises:
            Blocked: if frames are not ended, which is the cause of all that follows.
        """
        self._blame_framing()
        frames = tuple(r.frame for r in self.inbox.waiting if expected.resembles(r.message))
        actual = "nothing of the kind"
        if self._connection.ended is not None:
            actual = f"the server {'closed' if self._connection.ended is Kind.SERVER_CLOSE else 'reset'} the connection"
        if frames:
            actual += f"; what came instead: {listed(list(map(shown_frame, frames)))}"
        return Broken(text, actual, connection=self._connection.label, frames=frames[:MOST_LISTED])

    def _blame_framing(self) -> None:
        rest = self._connection.unfinished
        if self._case.framing == "lf" and _is_object(rest):
            self._report_unended(f"{shown_frame(rest)} with nothing after it")
            raise Blocked("FRAME-1", "frames are not ended by LF")

    def _check_last_bytes(self) -> None:
        rest = self._connection.unfinished.strip(b" \t\r\n")
        if rest and self._case.framing == "lf":
            self._report_unended(f"{shown_frame(rest)} and then the end of the stream")

    def _report_unended(self, actual: str) -> None:
        self._case.violations.append(Finding("FRAME-1", _ENDED, actual, connection=self._connection.label))


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(decode_frame(data), dict)
    except FrameRefused:
        return False
