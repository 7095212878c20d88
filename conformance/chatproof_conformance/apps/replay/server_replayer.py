"""Plays the clients of a recording against a server, and judges what the server sends this time."""

import random
import secrets
import time
from dataclasses import dataclass

from chatproof_conformance.apps.replay.name_rewriter import NameRewriter, joined_names
from chatproof_conformance.apps.replay.played import Played
from chatproof_conformance.apps.replay.replay_connection import ReplayConnection, read_any
from chatproof_conformance.apps.replay.settling import fence, judge_when_settled
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.endpoints.process.target import Target
from chatproof_conformance.judges.recordings import judge_recording
from chatproof_conformance.judges.server import Judgement
from chatproof_conformance.wire.differences import find_differences
from chatproof_conformance.wire.steps import ServerStep, find_stalled, find_steps, sent_streams
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Kind, Transcript

_SMALL_BUFFER = 4096
"""For a client that will stop reading: a larger buffer of its system would hide that."""
_SHORTEST_WAIT = 0.3
"""Seconds for what the recording has and this server has not sent, once the server has answered anything."""
_UNSEEN_SECTIONS = ("LOAD", "STOP")
"""They are about time and about the server's process: the same traffic need not be the same failure."""


@dataclass(frozen=True, slots=True)
class ServerReplayer:
    """Plays to servers of a source: to a fresh one each time, if the source starts them."""

    source: ServerSource

    @property
    def described(self) -> str:
        """How a report names the server."""
        return self.source.described

    def shows_failure(self, recorded: Transcript) -> bool:
        """Whether the judge sees anything broken in a recording."""
        return bool(judge_recording(recorded).findings)

    def play(self, recorded: Transcript) -> Played:
        """Play a recording's clients against a server.

        Raises:
            TargetGone: if it cannot be started, or does not accept the first connection.
            NotTested: if the recording holds an announcement, and the server cannot be made to announce.
        """
        target = self.source.target()
        try:
            target.start()
            return _play(recorded, target)
        finally:
            target.stop()

    def is_same(self, recorded: Transcript, played: Played, requirement: str) -> bool:
        """Whether the traffic is the same, and shows all that the requirement is about."""
        unseen = requirements()[requirement].section in _UNSEEN_SECTIONS
        return not unseen and not find_differences(recorded, played.frames)


def _play(recorded: Transcript, target: Target) -> Played:
    if not target.can_announce and any(event.kind is Kind.ANNOUNCE for event in recorded.events):
        raise NotTested("the recording holds an announcement; say with --announce how to speak for the operator")
    names = [] if target.started_by_us else joined_names(recorded)  # a fresh server gets the recorded names
    rewriter = NameRewriter(names, random.Random(secrets.randbits(64)))  # noqa: S311  names are no secrets
    player = _ServerPlayer(recorded, target, rewriter)
    try:
        return player.play()
    finally:
        player.close()


class _ServerPlayer:
    def __init__(self, recorded: Transcript, target: Target, rewriter: NameRewriter) -> None:
        self._recorded = recorded
        self._target = target
        self._rewriter = rewriter
        self._unframed = recorded.framing == "none"
        self._stalled = find_stalled(recorded)
        self._timeout = AdaptiveTimeout(floor=2.0)
        self._transcript = Transcript(framing=recorded.framing)
        self._lines: list[ReplayConnection] = []
        self._current: dict[str, ReplayConnection] = {}
        streams = sent_streams(recorded)
        self._to_send = {label: bytearray(rewriter.put_on(stream)) for label, stream in streams.items()}

    def play(self) -> Played:
        exit_reason = None
        try:
            for step in find_steps(self._recorded):
                self._take(step)
        except TargetGone as gone:
            if not self._lines:
                raise
            exit_reason = str(gone)
        read_any(self._lines, 0)
        frames = {label: list(map(self._rewriter.take_off, line.received)) for label, line in self._current.items()}
        judgement = self._settle()
        return Played(self._transcript, judgement, frames, self._target.exit_reason() or exit_reason)

    def close(self) -> None:
        for line in self._lines:
            line.connection.close()

    def _settle(self) -> Judgement:
        fence(self._lines, self._timeout.deadline, unframed=self._unframed)
        for line in self._lines:
            if not line.reads:
                # What its client never read is not missing.
                line.connection.close()
        return judge_when_settled(self._transcript, self._lines, self._timeout.deadline)

    def _take(self, step: ServerStep) -> None:
        match step.kind:
            case Kind.OPEN:
                self._open(step.connection)
            case Kind.ANNOUNCE:
                self._transcript.append("", Kind.ANNOUNCE, step.data)
                self._target.announce(step.data.decode("utf-8", "replace"))
            case Kind.CLIENT_DATA:
                self._send(step)
            case Kind.SERVER_DATA:
                self._await_frames(self._line(step), step.frames)
            case Kind.SERVER_CLOSE:
                self._await_end(self._line(step))
            case _:
                self._line(step).end(step.kind)

    def _line(self, step: ServerStep) -> ReplayConnection:
        return self._current.get(step.connection) or self._open(step.connection)

    def _open(self, label: str) -> ReplayConnection:
        stalled = label in self._stalled
        connection = Connection(
            self._target.address,
            label,
            self._transcript,
            framing=self._recorded.framing,
            receive_buffer=_SMALL_BUFFER if stalled else None,
        )
        line = self._current[label] = ReplayConnection(connection, reads=not stalled)
        self._lines.append(line)
        return line

    def _send(self, step: ServerStep) -> None:
        """Send as much of the connection's stream as the recorded client sent in this piece."""
        stream = self._to_send[step.connection]
        data = bytes(stream[: len(step.data)])
        del stream[: len(step.data)]
        self._line(step).send(data, self._timeout.deadline, unframed=self._unframed)

    def _await_frames(self, line: ReplayConnection, count: int) -> None:
        start = time.monotonic()
        give_up = start + self._longest_wait()
        while len(line.received) < count - line.missing and line.connection.open:
            line.received += line.connection.receive(give_up - time.monotonic())
            if time.monotonic() >= give_up:
                line.missing = count - len(line.received)
                return
        self._timeout.learn(time.monotonic() - start)

    def _await_end(self, line: ReplayConnection) -> None:
        give_up = time.monotonic() + self._longest_wait()
        while line.connection.open and time.monotonic() < give_up:
            line.received += line.connection.receive(give_up - time.monotonic())

    def _longest_wait(self) -> float:
        answered = any(line.received for line in self._lines)
        return max(_SHORTEST_WAIT, self._timeout.soft) if answered else self._timeout.deadline
