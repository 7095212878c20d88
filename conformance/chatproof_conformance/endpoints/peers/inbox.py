"""What a peer has received and no expectation has taken yet; checks every frame on its way in."""

import functools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.peers.expectations import Expectation, Message
from chatproof_conformance.wire.checked_frame import check_frame
from chatproof_conformance.wire.timestamps import is_now
from chatproof_schemas import SERVER_FRAME_BYTES


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A frame that arrived; its message is empty if the frame holds no JSON object."""

    frame: bytes
    message: Message


@dataclass(frozen=True, slots=True)
class _Checked:
    """What can be said of a frame by itself: its message; and each id that it breaks, what was expected, what came."""

    message: Message
    faults: tuple[tuple[str, str, str], ...] = ()


class Inbox:
    """The frames of one peer, in the order of arrival.

    Attributes:
        waiting: what no expectation has taken yet.
        seen_markers: how often each fence's marker has arrived.
    """

    def __init__(
        self,
        label: str,
        markers: set[str],
        evidence: Evidence,
        violations: list[Finding],
        belongs_to_others: Callable[[Message], bool] = lambda _: False,
    ) -> None:
        """Share the case's markers, evidence and violations; check what ``belongs_to_others``, and keep none of it."""
        self.waiting: list[InboxItem] = []
        self.seen_markers: Counter[str] = Counter()
        self._label = label
        self._markers = markers
        self._evidence = evidence
        self._violations = violations
        self._belongs_to_others = belongs_to_others
        self._since = time.time()

    def add(self, frames: list[bytes], since: float | None = None) -> None:
        """Check frames and keep them; markers are only counted (a second copy of one is kept, as a surprise).

        Args:
            frames: in the order of arrival.
            since: the moment (seconds since the epoch) at which none of them had arrived; now if left out.
        """
        self._since = time.time() if since is None else since
        for frame in frames:
            received = InboxItem(frame, self._check(frame))
            self._evidence.frames += 1
            if self._belongs_to_others(received.message):
                continue
            content = received.message.get("content")
            if isinstance(content, str) and content in self._markers and received.message.get("type") == "message":
                self.seen_markers[content] += 1
                if self.seen_markers[content] == 1:
                    continue
            self.waiting.append(received)

    def take(self, expected: Expectation) -> Message | None:
        """Remove and return the first message that matches, or None."""
        for place, received in enumerate(self.waiting):
            if expected.matches(received.message):
                del self.waiting[place]
                return received.message
        return None

    def messages(self) -> list[Message]:
        """Return what waits."""
        return [received.message for received in self.waiting]

    def forget(self, beginning: str | None = None) -> None:
        """Drop public and private messages whose content begins so; without an argument, everything."""
        if beginning is None:
            self.waiting.clear()
        else:
            self.waiting = [r for r in self.waiting if not str(r.message.get("content", "")).startswith(beginning)]

    def forget_notices(self) -> None:
        """Drop the system messages: a server may send some of its own making, such as a welcome or a list of users."""
        self.waiting = [received for received in self.waiting if received.message.get("type") != "system"]

    def _check(self, frame: bytes) -> Message:
        checked = _check_frame(frame)
        for fault in checked.faults:
            self._report(frame, *fault)
        if not checked.faults and "timestamp" in checked.message:
            self._check_time(frame, checked.message["timestamp"])
        return checked.message

    def _check_time(self, frame: bytes, timestamp: str) -> None:
        if not is_now(timestamp, since=self._since):
            clock = datetime.now().astimezone().strftime("%H:%M:%S")
            self._report(frame, "TIME-1", f"a timestamp within seconds of {clock}, in any time zone", timestamp)

    def _report(self, frame: bytes, requirement: str, expected: str, actual: str) -> None:
        self._violations.append(Finding(requirement, expected, actual, connection=self._label, frames=(frame,)))


@functools.lru_cache(maxsize=1024)
def _check_frame(frame: bytes) -> _Checked:
    too_long = ("FRAME-1", f"a frame of at most {SERVER_FRAME_BYTES} bytes", f"one of {len(frame)} bytes")
    long = (too_long,) if len(frame) > SERVER_FRAME_BYTES else ()
    judged = check_frame(frame)
    if judged.message is None:
        why = f" ({judged.refused})" if judged.refused else ""
        return _Checked({}, (*long, ("FRAME-1", "one JSON object in UTF-8", f"{shown_frame(frame)}{why}")))
    if judged.problems:
        actual = f"{shown_frame(frame)} ({judged.problems[0]})"
        return _Checked(judged.message, (*long, ("FRAME-8", "a message that is valid against its schema", actual)))
    return _Checked(judged.message, long)
