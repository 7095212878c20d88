"""Plays the server and the user of a recording to a client, and judges what the client does this time."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from chatproof_common.system.waiting import readable
from chatproof_conformance.apps.replay.played import Played
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.endpoints.process.driver import BUNDLED, Driver
from chatproof_conformance.endpoints.served.connections import Listener, ServedConnection
from chatproof_conformance.judges.client import ClientJudgement, judge_client
from chatproof_conformance.judges.server import Judgement
from chatproof_conformance.wire.client_steps import ClientStep, Do, find_steps
from chatproof_conformance.wire.differences import frames_by_connection
from chatproof_schemas.transcript import Event, Kind, Transcript

_START_SECONDS = 30.0
_WAIT_SECONDS = 2.5
"""For what the client did in the recording and has not done yet."""
_MISSING_SECONDS = 0.3
"""The same, once something was missing."""
_END_SECONDS = 1.0
"""For what may still arrive at the end if something is wrong."""


@dataclass(frozen=True, slots=True)
class ClientReplayer:
    """Plays to a client that is started anew each time.

    Attributes:
        command: the command line of its driver; None: the bundled client's.
    """

    command: str | None

    @property
    def described(self) -> str:
        """How a report names the client."""
        return self.command or "the bundled client"

    def shows_failure(self, recorded: Transcript) -> bool:
        """Whether the judge sees anything broken in a recording."""
        return bool(_findings(recorded.events))

    def play(self, recorded: Transcript) -> Played:
        """Play a recording's server and user to a client.

        Raises:
            TargetGone: if the client cannot be started, or does not connect.
        """
        player = _ClientPlayer(recorded, self.command or BUNDLED)
        try:
            return player.play()
        finally:
            player.close()

    def is_same(self, recorded: Transcript, played: Played, requirement: str) -> bool:  # noqa: ARG002  whatever it is
        """Whether the client does the same again, whatever the segments and times."""
        return _deeds(played.transcript) == _deeds(recorded)


def require_driver(recorded: Transcript, name: str) -> None:
    """Make sure that a recording can be played to a client with a driver.

    Raises:
        NotTested: if it was made of a client with none.
    """
    if not any(event.kind is Kind.REQUEST for event in recorded.events):
        raise NotTested(f"{name} was made with --listen: the script beside it plays it to a client that a person uses")


class _ClientPlayer:
    def __init__(self, recorded: Transcript, command: str) -> None:
        self._transcript = Transcript(checked="client")
        self._steps = find_steps(recorded)
        self._listener = Listener()
        self._driver = Driver(command)
        self._command = command
        self._connection: ServedConnection | None = None
        self._reported = self._missing = 0
        self._labels = iter([event.connection for event in recorded.events if event.kind is Kind.OPEN])

    def play(self) -> Played:
        """Take every step, and wait a little for what seems to be missing at the end."""
        for step in self._steps:
            if not self._take(step):
                break
        give_up = time.monotonic() + _END_SECONDS
        while _findings(self._transcript.events) and self._pump(give_up - time.monotonic()):
            pass
        exit_reason = self._driver.exit_reason()
        if exit_reason is None and not any(event.kind is Kind.OPEN for event in self._transcript.events):
            raise TargetGone("the client did not connect")
        # A copy: what closing adds does not belong to the play.
        transcript = replace(self._transcript, events=list(self._transcript.events))
        return Played(transcript, _judgement(transcript), frames_by_connection(transcript), exit_reason)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._driver.end()
        self._listener.close()

    def _take(self, step: ClientStep) -> bool:
        match step.do:
            case Do.ASK:
                return self._ask(step.request or {})
            case Do.ACCEPT:
                return self._until(lambda: self._connection is not None, _START_SECONDS)
            case Do.AWAIT_EVENTS:
                self._await(lambda: self._reported >= step.count - self._missing)
            case _ if self._connection is None:
                return False
            case Do.SEND:
                self._connection.send(step.data, _WAIT_SECONDS)
                self._connection.wait_until_read()
            case Do.CLOSE:
                self._connection.close()
            case Do.RESET:
                self._connection.reset()
            case Do.AWAIT_FRAMES:
                connection = self._connection
                self._await(lambda: len(connection.frames) >= step.count or not connection.open)
            case Do.AWAIT_END:
                connection = self._connection
                self._await(lambda: not connection.open)
        return True

    def _ask(self, request: dict[str, object]) -> bool:
        if request.get("do") == "connect":
            if not self._driver.open and self._driver.exit_reason() is None:
                self._driver.end()
                self._driver = Driver(self._command)
            if self._connection is not None:
                self._connection.close()
            host, port = self._listener.address
            request = {**request, "host": host, "port": port}
            self._connection, self._reported = None, 0
            self._driver.may_end = False
        line = json.dumps(request).encode()
        self._transcript.append("", Kind.REQUEST, line)
        return self._driver.write(line, _WAIT_SECONDS)

    def _await(self, condition: Callable[[], bool]) -> None:
        if not self._until(condition, _MISSING_SECONDS if self._missing else _WAIT_SECONDS):
            self._missing += 1

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        give_up = time.monotonic() + seconds
        while not condition():
            if not self._pump(give_up - time.monotonic()):
                return condition()
        return True

    def _pump(self, seconds: float) -> bool:
        connection = self._connection if self._connection is not None and self._connection.open else None
        awaiting = self._connection is None and self._driver.open
        sources = [s for s in (connection, self._driver if self._driver.open else None) if s is not None]
        found = readable([*sources, *([self._listener] if awaiting else [])], seconds) if sources else []
        if connection is not None and connection in found:
            connection.receive()
        if self._driver in found:
            for line in self._driver.read():
                self._transcript.append("", Kind.DRIVER_EVENT, line)
                self._reported += 1
                self._driver.may_end = self._driver.may_end or b"disconnected" in line or b"refused" in line
        if self._listener in found:
            self._connection = self._listener.accept(next(self._labels, "one more"), self._transcript)
        return bool(found)


def _judgement(transcript: Transcript) -> Judgement:
    judged, evidence = _judged(transcript.events), Evidence()
    for connection in judged:
        evidence.add(connection.evidence)
    findings = tuple(replace(found, connection="the client") for one in judged for found in one.findings)
    return Judgement(findings, evidence.deliveries, evidence.silences, {})


def _deeds(transcript: Transcript) -> list[object]:
    """Return what a client sent and what its driver reported, in order, whatever the segments and times."""
    sent = b"".join(event.data for event in transcript.events if event.kind is Kind.CLIENT_DATA)
    reported = [_reported(event.data) for event in transcript.events if event.kind is Kind.DRIVER_EVENT]
    return [sent, *reported]


def _reported(line: bytes) -> object:
    """Return what a driver reported, however it spells it; the line itself if it is no JSON."""
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return line
    return value


def _judged(events: Sequence[Event]) -> list[ClientJudgement]:
    return [judge_client(part) for part in _connections(events)]


def _findings(events: Sequence[Event]) -> list[Finding]:
    return [found for judged in _judged(events) for found in judged.findings]


def _connections(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    starts = [at for at, event in enumerate(events) if event.kind is Kind.REQUEST and _connects(event)]
    for start, end in zip(starts, [*starts[1:], len(events)], strict=True):
        yield events[start:end]


def _connects(event: Event) -> bool:
    return bool(json.loads(event.data).get("do") == "connect")
