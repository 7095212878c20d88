"""From a server's frames to events (CLIENT-3 to CLIENT-9), without input or output."""

from collections.abc import Iterator
from typing import Any

from chatproof_reference.client import events
from chatproof_reference.client.outgoing import Unanswered
from chatproof_reference.wire import Frame, FrameReader, OverlongFrame
from chatproof_schemas import SERVER_FRAME_BYTES, Direction, FrameRefused, decode_frame, read_frame

_SHOWN_BYTES = 60


class Session:
    """One connection's state: who asked to join, whether the server agreed, and what it has yet to answer."""

    def __init__(self) -> None:
        self.username: str | None = None
        self.joined = False
        self.asked_names: list[str] = []
        self.unanswered = Unanswered()
        self._reader = FrameReader(SERVER_FRAME_BYTES)

    def receive(self, data: bytes) -> Iterator[events.Event]:
        """Yield the events of the frames that end within ``data``."""
        for frame in self._reader.feed(data):
            yield from self._handle_frame(frame)

    def _handle_frame(self, frame: Frame) -> Iterator[events.Event]:
        if isinstance(frame, OverlongFrame):
            yield events.FrameIgnored(
                f"The server sent a frame longer than {SERVER_FRAME_BYTES} bytes; it was skipped."
            )
            return
        try:
            message = _read(frame)
        except FrameRefused as refusal:
            yield _ignored(frame, refusal)
            return
        yield from self._handle_message(message)

    def _handle_message(self, message: dict[str, Any]) -> Iterator[events.Event]:
        match message["type"]:
            case "message":
                yield self._public(message)
            case "private_message":
                yield events.PrivateMessage(message["sender"], message["content"], message["timestamp"])
            case "private_confirmation":
                yield self._confirmation(message)
            case "system":
                yield from self._system(message)
            case "server":
                yield events.ServerMessage(message["message"], message["timestamp"])
            case "error":
                yield self._error(message)

    def _public(self, message: dict[str, Any]) -> events.Event:
        own = self.joined and message["username"] == self.username
        sent_id = self.unanswered.answered(message["content"]) if own else None
        return events.PublicMessage(message["username"], message["content"], message["timestamp"], own, sent_id)

    def _confirmation(self, message: dict[str, Any]) -> events.Event:
        target, content, delivered = message["target"], message["content"], message["delivered"]
        reason = "" if delivered else message.get("reason") or "the server gave no reason"
        sent_id = self.unanswered.answered(content, target)
        return events.PrivateConfirmation(target, content, delivered, reason, message["timestamp"], sent_id)

    def _system(self, message: dict[str, Any]) -> Iterator[events.Event]:
        # JOIN-2: the first answer to a join is the notice that names the user, or an error.
        if self.asked_names and not self.joined and self.asked_names[0] in message["message"]:
            self.username, self.joined = self.asked_names.pop(0), True
            yield events.Joined(self.username)
        yield events.SystemMessage(message["message"], message["timestamp"])

    def _error(self, message: dict[str, Any]) -> events.Event:
        if self.asked_names and not self.joined:
            return events.JoinRefused(self.asked_names.pop(0), message["message"])
        sent_id = self.unanswered.refused() if self.joined else None
        return events.ErrorMessage(message["message"], message.get("code", ""), sent_id)


def _read(frame: bytes) -> dict[str, Any]:
    try:
        return read_frame(frame, Direction.SERVER)
    except FrameRefused as refusal:
        if [problem.path for problem in refusal.problems] != ["/code"]:
            raise
        message: dict[str, Any] = decode_frame(frame)
        if not isinstance(message.pop("code"), str):
            raise
        # A code of a later version says nothing to us; its words are for the user (SPEC.md, "Versions and growth").
        return message


def _ignored(frame: bytes, refusal: FrameRefused) -> events.FrameIgnored:
    problem = refusal.problems[0]
    if problem.code == "unknown_type":
        return events.FrameIgnored(f"A message was ignored: its type {problem.what}.", unknown_type=True)
    shown = ascii(frame[:_SHOWN_BYTES].decode("utf-8", "replace")) + ("…" if len(frame) > _SHOWN_BYTES else "")
    return events.FrameIgnored(f"The server sent a frame that is no valid message ({problem}): {shown}")
