"""What a peer has received and no expectation has taken yet."""

from collections import Counter
from dataclasses import dataclass

from chatproof_conformance.endpoints.peers.chat_state import ChatState
from chatproof_conformance.endpoints.peers.expectations import Expectation, Message
from chatproof_schemas import FrameRefused, decode_frame


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A frame that arrived; its message is empty if the frame holds no JSON object."""

    frame: bytes
    message: Message


class Inbox:
    """The frames of one peer, in the order of arrival.

    Attributes:
        waiting: what no expectation has taken yet.
        seen_markers: how often each fence's marker has arrived.
    """

    def __init__(self, state: ChatState) -> None:
        """Share the chat's markers; keep nothing that belongs to other users of the server."""
        self.waiting: list[InboxItem] = []
        self.seen_markers: Counter[str] = Counter()
        self._state = state

    def add(self, frames: list[bytes]) -> None:
        """Keep frames; markers are only counted (a second copy of one is kept, as a surprise)."""
        for frame in frames:
            item = InboxItem(frame, _message(frame))
            if not self._state.belongs_to_others(item.message) and not self._is_new_marker(item.message):
                self.waiting.append(item)

    def take(self, expected: Expectation) -> Message | None:
        """Remove and return the first message that matches, or None."""
        for place, item in enumerate(self.waiting):
            if expected.matches(item.message):
                del self.waiting[place]
                return item.message
        return None

    def forget_notices(self) -> None:
        """Drop the system messages: a server may send some of its own making, such as a welcome or a list of users."""
        self.waiting = [item for item in self.waiting if item.message.get("type") != "system"]

    def _is_new_marker(self, message: Message) -> bool:
        content = message.get("content")
        if message.get("type") != "message" or not isinstance(content, str) or content not in self._state.markers:
            return False
        self.seen_markers[content] += 1
        return self.seen_markers[content] == 1


def _message(frame: bytes) -> Message:
    try:
        message = decode_frame(frame)
    except FrameRefused:
        return {}
    return message if isinstance(message, dict) else {}
