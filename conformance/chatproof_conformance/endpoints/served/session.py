"""A case's session with the client under test: connecting, joining, and judging what the client did."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import Blocked, Broken, Inconclusive, TargetGone
from chatproof_conformance.endpoints.served.client_process import ClientProcess
from chatproof_conformance.endpoints.served.client_traffic import ClientTraffic
from chatproof_conformance.endpoints.served.client_user import ClientUser
from chatproof_conformance.endpoints.served.connecting import connect, expect_another_join, expect_join, leave
from chatproof_conformance.endpoints.served.connections import ServedConnection
from chatproof_conformance.endpoints.served.exchange import DriverEvent, Exchange
from chatproof_conformance.endpoints.served.played_server import PlayedServer
from chatproof_conformance.judges.client import ClientJudgement, find_culprit, judge_client
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Kind, Transcript


class ClientSession:
    """One case's client, and what was seen of it.

    What it does on the wire and what its driver reports is recorded; :meth:`check_shown` judges it. An expectation that
    fails raises :class:`~chatproof_conformance.core.outcomes.Broken`.

    Attributes:
        exchange: what passes between the client and the harness.
        user: asks the client for something, through its driver.
        server: sends the client something.
        traffic: the part of the exchange that a report shows.
        evidence: what the verdict of the case rests on.
        violations: what was found beside what ended the case.
    """

    def __init__(self, process: ClientProcess) -> None:
        """Begin with no connection."""
        self.exchange = Exchange(process)
        self.user = ClientUser(self.exchange)
        self.server = PlayedServer(self.exchange)
        self.traffic = ClientTraffic(self.exchange.transcript)
        self.evidence = Evidence()
        self.violations: list[Finding] = []
        self._process = process

    @property
    def transcript(self) -> Transcript:
        """Everything that passed."""
        return self.exchange.transcript

    @property
    def connection(self) -> ServedConnection | None:
        """The connection of the client that stands, or stood last."""
        return self.exchange.connection

    def name(self, label: str) -> str:
        """Return a name that nobody has used in this session."""
        return f"{label}-{next(self.exchange.numbers)}"

    # Connecting and joining

    def connects(self, username: str | None = None) -> ServedConnection:
        """Let the client connect under a name; return its connection.

        Raises:
            Broken: if no connection comes.
        """
        self.leaves()
        self.traffic.begin_connection()
        return connect(self.exchange, self.name("alice") if username is None else username) or self.connects(username)

    def sends_join(self) -> DriverEvent:
        """Wait for the join that the client sends; return it.

        Raises:
            Broken: if its first frame is not a join.
        """
        message = expect_join(self.exchange)
        self.evidence.deliveries += 1
        return message

    def sends_another_join(self, since: int) -> DriverEvent:
        """Wait for the join that the client sends after the first ``since`` frames; return it.

        Raises:
            Broken: if something else comes, or nothing.
            NotTested: if the driver cannot ask for it.
        """
        return expect_another_join(self.exchange, since)

    def takes_join(self, message: DriverEvent) -> None:
        """Accept a join: the notice of it is sent."""
        self.exchange.username = None
        self.server.sends(type="system", message=f"{message['username']} joined the chat")

    def joins(self, label: str = "alice") -> str:
        """Let the client join, and see the notice shown; return its name.

        Raises:
            Blocked: if that does not work: then the requirement named is what is broken.
        """
        try:
            self.connects(self.name(label))
            self.takes_join(self.sends_join())
            self.check_shown()
        except Broken as broken:
            raise Blocked(broken.finding.requirement or "CLIENT-3", str(broken)) from None
        if self.exchange.username is None:
            raise Inconclusive("the client did not join")
        self.traffic.keep_connection()
        return self.exchange.username

    def stays_joined(self) -> str:
        """Return the client's name on a connection that stays for all the examples of a generated case."""
        if self.exchange.username is None or self.exchange.open_connection() is None:
            return self.joins()
        return self.exchange.username

    def leaves(self, *, at_length: bool = False) -> None:
        """End the connection that stands, as a user does; harmless if there is none.

        Args:
            at_length: whether the client may take its time, as long as it goes on to send.
        """
        connection, said = self.exchange.open_connection(), -1
        if at_length and connection is not None:
            self.user.asks("leave")
            while connection.open and len(connection.frames) > said:
                said = len(connection.frames)
                self.exchange.wait_until(self._is_further(connection, said), self.exchange.deadline)
        leave(self.exchange)

    @staticmethod
    def _is_further(connection: ServedConnection, said: int) -> Callable[[], bool]:
        return lambda: not connection.open or len(connection.frames) > said

    # What is expected

    def check_shown(self) -> None:
        """Send a marker that must be shown, and judge everything since the last time.

        Raises:
            Broken: with what is wrong.
        """
        exchange, marker = self.exchange, f"marker {next(self.exchange.numbers)}"
        start, since = time.monotonic(), len(exchange.events)

        def is_shown() -> bool:
            return any(e.get("event") == "shown" and e.get("content") == marker for e in exchange.events[since:])

        self.transcript.append("", Kind.NOTE, marker_note(marker))
        self.server.sends_public("harness", marker)
        exchange.wait_until(lambda: is_shown() or exchange.is_over(), exchange.deadline)
        self._learn(start, has_come=is_shown())
        self.concludes()

    def vanishes(self, *, reset: bool = False) -> None:
        """End the connection as a server does that stops or dies, see that reported, and judge.

        Raises:
            Broken: if the client does not notice.
        """
        exchange, connection = self.exchange, self.exchange.latest_connection()
        start = time.monotonic()
        if reset:
            connection.reset()
        else:
            connection.close()
        noticed = exchange.wait_until(
            lambda: exchange.has_event("disconnected") or not self._process.running.open, exchange.deadline
        )
        self._learn(start, has_come=noticed)
        self.concludes()
        self.evidence.deliveries += 1
        exchange.username = None

    def _learn(self, start: float, *, has_come: bool) -> None:
        if has_come:
            self._process.timeout.learn(time.monotonic() - start)
        else:
            self._process.timeout.miss()
            self._process.stuck = True

    # Judging

    def concludes(self) -> None:
        """Judge everything since the last time; what is missing may still be on its way for a moment.

        Raises:
            Broken: with the first thing that is wrong.
        """
        judged = self._judge()
        if judged.findings and self._process.running.open:
            seconds = self.exchange.deadline if judged.may_come else self._process.timeout.soft
            self.exchange.wait_until(lambda: not self._judge().findings, seconds)
            judged = self._judge()
        self.requires_life()
        self.exchange.username = judged.username
        if judged.findings:
            self._fails(judged.findings)
        self.traffic.count_as_judged()
        self.evidence.add(judged.evidence)

    def _judge(self) -> ClientJudgement:
        username = self.exchange.username if self.traffic.is_connection_judged else None
        return judge_client(self.traffic.unjudged(), username)

    def _fails(self, wrongs: Sequence[Finding]) -> None:
        self.exchange.has_failed = True
        # The judge counts events from where it began, a report from where the example did.
        first, *others = [replace(wrong, event=None) for wrong in wrongs]
        label = self.connection.label if self.connection else "the client"
        self.violations += [replace(f, connection=label) for f in others if f.requirement != first.requirement]
        self.exchange.username = None
        connection = self.exchange.open_connection()
        if connection is not None:
            connection.close()
        raise Broken.of(first)

    def culprit(self) -> str | None:
        """Return the requirement that a client breaks which dies of what has just happened; None: nobody knows."""
        return find_culprit(self.traffic.unjudged())

    def requires_life(self) -> None:
        """Make sure that the client lives.

        Raises:
            TargetGone: if its process has ended.
        """
        if not self._process.running.open and self._process.running.exit_reason() is not None:
            raise TargetGone("the client's process ended")

    def reads_the_rest(self) -> None:
        """Read what is still on its way."""
        while self.exchange.receive(self._process.timeout.soft):
            pass

    def close(self) -> None:
        """Let the client leave; harmless when repeated."""
        try:
            self.leaves()
        except (TargetGone, Inconclusive):
            self._process.stuck = True
