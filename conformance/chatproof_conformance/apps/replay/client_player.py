"""Plays the server and the user of a recording to a client, and judges what it makes of it this time."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from chatproof_common.system.waiting import readable
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.driver import Driver
from chatproof_conformance.endpoints.served.connections import Listener, ServedConnection
from chatproof_conformance.judges.client import ClientJudgement, judge_client
from chatproof_conformance.wire.client_steps import ClientStep, Do, find_steps
from chatproof_schemas.transcript import Event, Kind, Transcript

_START_SECONDS = 30.0
_WAIT_SECONDS = 2.5
"""For what the recording has and this client has not done yet."""
_MISSING_SECONDS = 0.3
"""The same, once something was missing."""
_END_SECONDS = 1.0
"""For what may still come at the end where something is wrong."""


class Player:
    """One play.

    Attributes:
        transcript: everything that passed.
        death: how the client died, None where it lives.
    """

    def __init__(self, recorded: Transcript, command: str) -> None:
        """Start the client.

        Raises:
            TargetGone: where the command cannot be run.
        """
        self.transcript = Transcript(checked="client")
        self.death: str | None = None
        self._steps = find_steps(recorded)
        self._listener = Listener()
        self._driver = Driver(command)
        self._command = command
        self._connection: ServedConnection | None = None
        self._told = self._missing = 0
        self._labels = iter([event.connection for event in recorded.events if event.kind is Kind.OPEN])

    def play(self) -> None:
        """Take every step, and wait a little for what seems to be missing at the end."""
        for step in self._steps:
            if not self._take(step):
                break
        give_up = time.monotonic() + _END_SECONDS
        while wrongs_of(self.transcript.events) and self._pump(give_up - time.monotonic()):
            pass
        self.death = self._driver.exit_reason()

    def close(self) -> None:
        """End everything."""
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
            case Do.AWAIT_TOLD:
                self._await(lambda: self._told >= step.count - self._missing)
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
            self._connection, self._told = None, 0
            self._driver.may_end = False
        line = json.dumps(request).encode()
        self.transcript.append("", Kind.REQUEST, line)
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
                self.transcript.append("", Kind.DRIVER_EVENT, line)
                self._told += 1
                self._driver.may_end = self._driver.may_end or b"disconnected" in line or b"refused" in line
        if self._listener in found:
            self._connection = self._listener.accept(next(self._labels, "one more"), self.transcript)
        return bool(found)


def play(recorded: Transcript, command: str) -> tuple[Transcript, str | None]:
    """Play a recording to a client; return what passed, and how the client died, if it did.

    Raises:
        TargetGone: where the client cannot be started, or does not connect.
    """
    player = Player(recorded, command)
    try:
        player.play()
        if player.death is None and not any(event.kind is Kind.OPEN for event in player.transcript.events):
            raise TargetGone("the client did not connect")
        # A copy: what closing adds is no part of the play.
        return replace(player.transcript, events=list(player.transcript.events)), player.death
    finally:
        player.close()


def judged_of(events: Sequence[Event]) -> list[ClientJudgement]:
    """Return what a client made of each of a recording's connections."""
    return [judge_client(part) for part in _connections(events)]


def wrongs_of(events: Sequence[Event]) -> list[Finding]:
    """Return what is wrong with what a client did in a recording."""
    return [wrong for judged in judged_of(events) for wrong in judged.wrongs]


def _connections(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    starts = [at for at, event in enumerate(events) if event.kind is Kind.REQUEST and _connects(event)]
    for start, end in zip(starts, [*starts[1:], len(events)], strict=True):
        yield events[start:end]


def _connects(event: Event) -> bool:
    request = json.loads(event.data)
    return isinstance(request, dict) and request.get("do") == "connect"
