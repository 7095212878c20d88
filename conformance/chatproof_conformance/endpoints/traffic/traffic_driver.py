"""Drives the connections of one generated example, and judges what came of it.

The driver decides nothing about right and wrong: it only needs to know how many answers a connection is owed, so as to
wait for them. What may arrive where is judged from the recording, by the judge of servers.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chatproof_conformance.core.outcomes import Abandoned, Blocked, Broken, TargetGone
from chatproof_conformance.endpoints.peers.peer import Peer
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.traffic.grading import broken_musts, grade
from chatproof_conformance.generation.client_frames import encoded
from chatproof_conformance.judges.server import Judgement, judge

SLOTS = ("anna", "ben", "cleo", "dora")
NAMES = ("red", "blue", "green")
"""Fewer names than slots: they are taken, freed, and change hands."""

_IMPATIENCE = 0.25
"""How much of the full deadline an unanswered frame may cost: the fences at the end decide, not this wait."""

_LOOK_AGAIN_SECONDS = 0.02
_SHRINKING_SECONDS = 0.3


class TrafficDriver:
    """The connections of one example, addressed by slot.

    Attributes:
        chat: records them; its present members fence the end of the example.
        steps: how many acts were carried out.
    """

    def __init__(self, case_chat: ServerSession) -> None:
        """Begin with nobody connected, under names that no earlier example has used."""
        self.chat = ServerSession(case_chat.context, findings_of=case_chat.case)
        self.steps = 0
        self._ended = False
        self._is_broken = False
        self._case_chat = case_chat
        self._names = {label: self.chat.name(label) for label in NAMES}
        self._lines: dict[str, _SlotConnection] = {}

    def name(self, label: str) -> str:
        """Return the user name that stands for a label in this example."""
        return self._names.setdefault(label, self.chat.name(label))

    def send(self, slot: str, frames: Sequence[bytes], *, wait: bool = True, cuts: Sequence[float] = ()) -> None:
        """Send frames in one segment, or cut into pieces; then wait for their answers, unless ``wait`` is false."""
        line = self._line(slot)
        data = line.unfinished + b"".join(frame + b"\n" for frame in frames)
        line.unfinished = b""
        self.steps += len(frames)
        line.owed += sum(bool(frame.strip(b" \t\r")) for frame in frames)
        for piece in _pieces(data, cuts):
            line.peer.sends_bytes(piece)
        if wait:
            self._await_answers([line])

    def send_half(self, slot: str, frame: bytes, cut: float) -> None:
        """Send the beginning of a frame; the rest goes ahead of whatever the slot sends next."""
        line = self._line(slot)
        if line.unfinished or len(frame) < 2:  # noqa: PLR2004  nothing to cut
            return
        at = min(len(frame) - 1, max(1, round(len(frame) * cut)))
        line.peer.sends_bytes(frame[:at])
        line.unfinished = frame[at:] + b"\n"
        line.owed += 1
        self.steps += 1

    def end(self, slot: str, how: str) -> None:
        """End a connection: ``leaves``, ``resets``, or ``half_closes``; the slot is free then."""
        line = self._lines.pop(slot, None)
        self._ended = True
        self.steps += 1
        if line is not None:
            line.look()
            getattr(line.peer, how)()
            if how == "half_closes":
                line.peer.receiver.read_to_end()

    def send_together(self, frames_by_slot: dict[str, list[bytes]], *, wait: bool = True) -> None:
        """Let several connections send at the same time, a segment a frame; then wait for the answers of all."""
        lines = {slot: self._line(slot) for slot in frames_by_slot}
        for place in range(max(map(len, frames_by_slot.values()), default=0)):
            for slot, frames in frames_by_slot.items():
                if place < len(frames):
                    self.send(slot, [frames[place]], wait=False)
        if wait:
            self._await_answers(lines.values())

    def judge(self) -> None:
        """Fence the end, judge the recording, and raise the first MUST that is broken.

        Raises:
            Broken: for a MUST; a broken SHOULD is only noted.
            TargetGone: if the server has died: that explains whatever is missing.
        """
        try:
            self._judge()
        except Broken:
            self._is_broken = True
            self.chat.requires_life()
            raise

    def _judge(self) -> None:
        lost: Blocked | None = None
        for slot, line in self._lines.items():
            if line.unfinished:
                self.send(slot, [], wait=False)
        self._await_answers(self._lines.values())
        # No fence reaches a connection that has not joined: what it is owed gets all the time that there is.
        strangers = [line for line in self._lines.values() if line.peer.name is None]
        self._await_answers(strangers, self._seconds_without_fence())
        try:
            self.chat.fence(*self.chat.present)
        except Blocked as blocked:
            lost = blocked
        judgement = self._judged_when_ends_are_reported(settled=lost is None)
        self.chat.evidence.deliveries += judgement.deliveries
        self.chat.evidence.silences += judgement.silences
        grade(judgement.findings, self.chat.violations)
        if lost is not None:
            # Its sender and its recipient have joined and are connected: a public message that is lost is a finding.
            raise Broken("a public message of everyone present to arrive at everyone present", str(lost), lost.by)

    def _judged_when_ends_are_reported(self, *, settled: bool) -> Judgement:
        """Judge; if something is amiss and connections have ended, look again for a while.

        No frame can fence the end of a connection, nor what a reset one sent last: others hear of both when the server
        gets to it. A server that has answered everyone twice since has had its turn at it, however slow the machine is.
        """
        give_up = time.monotonic() + self._seconds_without_fence()
        while amiss := bool(broken_musts((judgement := self._judged(settled=settled)).findings)):
            if not self._ended or time.monotonic() > give_up:
                break
            for peer in self.chat.present:
                peer.receiver.read(_LOOK_AGAIN_SECONDS)
                peer.receiver.read_available()
        if amiss and self._ended and settled and self._everyone_is_answered_twice():
            judgement = self._judged(settled=settled)
            amiss = bool(broken_musts(judgement.findings))
        self._case_chat.traffic.has_failed |= amiss
        return judgement

    def _judged(self, *, settled: bool) -> Judgement:
        transcript = self.chat.transcript
        return judge(transcript.events, framing=transcript.framing, settled=settled, started=transcript.started)

    def _everyone_is_answered_twice(self) -> bool:
        try:
            for _ in range(2):
                self.chat.fence(*self.chat.present)
        except (Blocked, Broken):
            return False
        return True

    def _seconds_without_fence(self) -> float:
        """How long to wait for what no frame can fence: a case's first failure may take its time, shrinking less."""
        return _SHRINKING_SECONDS if self._case_chat.traffic.has_failed else self.chat.context.timeout.deadline

    def close(self) -> None:
        """Show the case this example's traffic, and end its connections."""
        self._case_chat.traffic.show(self.chat.transcript, is_broken=self._is_broken)
        self.chat.close()

    def _line(self, slot: str) -> "_SlotConnection":
        line = self._lines.get(slot)
        if line is None or not line.peer.connection.open:
            try:
                line = self._lines[slot] = _SlotConnection(self.chat.connect(slot), self._names)
            except TargetGone as gone:
                # At once: Hypothesis would shrink it with the server gone, until nothing of the traffic was left.
                raise Abandoned(gone) from None
        return line

    def _await_answers(self, lines: Iterable["_SlotConnection"], seconds: float | None = None) -> None:
        wait = self.chat.context.timeout.deadline * _IMPATIENCE if seconds is None else seconds
        give_up = time.monotonic() + wait
        for line in lines:
            line.look()
            while line.owed > 0 and line.peer.connection.open and not line.unfinished:
                if not line.peer.receiver.read(give_up - time.monotonic()):
                    break
                line.look()


class _SlotConnection:
    """A connection, and how many answers it is owed."""

    def __init__(self, peer: Peer, names: Mapping[str, str]) -> None:
        self.peer = peer
        self._names = names
        self.owed = 0
        self.unfinished = b""

    def look(self) -> None:
        """Take note of what has arrived."""
        self.peer.receiver.read_available()
        for received in self.peer.inbox.waiting:
            self._note(received.message)
        self.peer.inbox.waiting.clear()

    def _note(self, message: Any) -> None:
        kind, name = message.get("type"), self.peer.name
        own_words = kind == "message" and message.get("username") == name
        if own_words or kind in ("error", "private_confirmation"):
            self.owed -= 1
        elif kind == "system" and name is None:
            self._note_joined(str(message.get("message")))

    def _note_joined(self, notice: str) -> None:
        """Take the first system message that names a user of ours for the notice of its own join (JOIN-2)."""
        named = [name for name in self._names.values() if name in notice]
        if named:
            self.owed -= 1
            self.peer.counts_as_present(max(named, key=len))


def public(content: str, **extra: Any) -> bytes:
    """Return the frame of a public message."""
    return encoded({"type": "message", "content": content, **extra})


def private(target: str, content: str, **extra: Any) -> bytes:
    """Return the frame of a private message."""
    return encoded({"type": "private_message", "target": target, "content": content, **extra})


def join(name: str, **extra: Any) -> bytes:
    """Return the frame of a join."""
    return encoded({"type": "join", "username": name, **extra})


def _pieces(data: bytes, cuts: Sequence[float]) -> list[bytes]:
    at = sorted({min(len(data) - 1, max(1, round(cut * len(data)))) for cut in cuts}) if len(data) > 1 else []
    return [data[start:end] for start, end in zip([0, *at], [*at, len(data)], strict=True)]
