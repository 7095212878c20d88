"""A stage: the client under test, the server that the harness plays to it, and the driver that speaks for its user."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.outcomes import Blocked, Broken, Inconclusive, NotTested, TargetGone
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.peers.inbox import Violation
from chatproof_conformance.endpoints.served.client_process import ClientProcess
from chatproof_conformance.endpoints.served.connections import ServedConnection
from chatproof_conformance.endpoints.served.exchange import OVER, DriverEvent, Exchange
from chatproof_conformance.generation.server_frames import encoded
from chatproof_conformance.judges.client import ClientFinding, ClientJudgement, find_culprit, judge_client
from chatproof_conformance.judges.client.client_history import decoded
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas import Direction, FrameRefused, read_frame
from chatproof_schemas.transcript import Event, Transcript

_START_SECONDS = 30.0
_NOT_DONE = ("failed", "unsupported", "invalid_request", "disconnected")
_NO_CONNECTION = (*OVER, "unsupported", "invalid_request")


class ClientSession(Exchange):
    """One case's client, and what was seen of it.

    What it does on the wire and tells is recorded; :meth:`check_shown` judges it. An expectation that fails raises
    :class:`~chatproof_conformance.core.outcomes.Broken`.

    Attributes:
        evidence: what the verdict of the case rests on.
        violations: what was found beside what ended the case.
        username: the name under which the client is joined, None where it is not.
    """

    def __init__(self, process: ClientProcess) -> None:
        """Begin with no connection."""
        super().__init__(process)
        self.evidence = Evidence()
        self.violations: list[Violation] = []
        self.username: str | None = None
        self._connected_at = 0
        self._judged_to = 0
        self._example_at = 0
        self._standing: list[Event] = []

    # Connecting and joining

    def connects(self, username: str | None = None) -> ServedConnection:
        """Let the client connect under a name; return its connection.

        Raises:
            Broken: where no connection comes.
        """
        self.leaves()
        may_end = self._process.driver.may_end or self._process.driver.end_untold
        fresh = self._process.driver.fresh
        while (left_over := self._process.listener.accept("left over", Transcript())) is not None:
            left_over.close()  # a client may have connected by itself
        self._connected_at = self._judged_to = len(self.transcript.events)
        self._events, self.connection, self.username = [], None, None
        host, port = self._process.listener.address
        self.asks("connect", host=host, port=port, username=self.name("alice") if username is None else username)
        seconds = _START_SECONDS if fresh else self._deadline
        come = self._until(self._is_answered, seconds)
        if not come and may_end and not self._process.running.open:
            # Where it ended as it may, with the connection before, it never read this request.
            self._process.running.may_end = True
            if self._process.running.exit_reason() is None:
                self._process.restart()
                return self.connects(username)
        if not come:
            self._process.stuck = True
            raise Broken("the client to connect", self._events_so_far(), "CLIENT-1")
        if self.connection is None and not self._until(lambda: self.connection is not None, self._process.timeout.soft):
            raise Broken("the client to connect", self._events_so_far(), "CLIENT-1")
        return self._there()

    def name(self, label: str) -> str:
        """Return a name that nobody has used on this stage."""
        return f"{label}-{next(self._numbers)}"

    def sends_join(self) -> DriverEvent:
        """Wait for the join that the client sends; return it.

        Raises:
            Broken: where its first frame is no join.
        """
        connection = self._there()
        self._until(lambda: bool(connection.frames) or not connection.open or self._has_event(*OVER), self._deadline)
        if not connection.frames:
            if connection.unfinished.strip():
                raise Broken("an LF after every frame", f"{shown_frame(connection.unfinished)} with none", "CLIENT-2")
            raise Broken("a valid join as the first frame", f"nothing; {self._state()}", "CLIENT-1")
        first = connection.frames[0]
        try:
            message = read_frame(first, Direction.CLIENT)
        except FrameRefused as refused:
            raise Broken("a valid join as the first frame", f"{shown_frame(first)} ({refused})", "CLIENT-1") from None
        if message["type"] != "join":
            raise Broken("a valid join as the first frame", shown_frame(first), "CLIENT-1")
        self.evidence.deliveries += 1
        return message

    def sends_another_join(self, since: int) -> DriverEvent:
        """Wait for the join that the client sends after so many frames; return it.

        Raises:
            Broken: where something else comes, or nothing.
            NotTested: where the driver cannot ask for it.
        """
        connection = self._there()
        told = len(self._events)
        self._until(lambda: len(connection.frames) > since or self._has_event(*_NOT_DONE, since=told), self._deadline)
        self._requires_support(0)
        message = decoded(connection.frames[since]) if len(connection.frames) > since else {}
        if message.get("type") != "join":
            raise Broken(
                "another join", self._events_so_far() if not message else shown_frame(connection.frames[since])
            )
        return message

    def takes_join(self, message: DriverEvent) -> None:
        """Accept a join: the notice of it is sent."""
        self.username = None
        self.sends(type="system", message=f"{message['username']} joined the chat")

    def joins(self, label: str = "alice") -> str:
        """Let the client join, and see the notice shown; return its name.

        Raises:
            Blocked: where that does not work: then the requirement named is what is broken.
        """
        try:
            self.connects(self.name(label))
            self.takes_join(self.sends_join())
            self.check_shown()
        except Broken as broken:
            raise Blocked(broken.requirement or "CLIENT-3", str(broken)) from None
        if self.username is None:
            raise Inconclusive("the client did not join")
        self._standing = self.transcript.events[self._connected_at :]
        return self.username

    def stays_joined(self) -> str:
        """Return the client's name on a connection that stays for all the examples of a generated case."""
        if self.username is None or self._there_or_none() is None:
            return self.joins()
        return self.username

    def leaves(self) -> None:
        """End the connection that stands, as a user does; harmless where there is none."""
        connection, self.username = self.connection, None
        if connection is None:
            return
        if not self._process.stuck and self._process.running.open:
            since = len(self._events)
            if connection.open:
                self.asks("leave")
                if not self._until(lambda: not connection.open, self._deadline):
                    self._process.stuck = True
            elif self._has_event("disconnected"):
                since = 0
            connection.close()
            # What is told of this connection must not be taken for news of the next one.
            told = self._until(lambda: self._has_event("disconnected", since=since), self._process.timeout.soft)
            self._process.running.end_untold = not told
        connection.close()
        self.connection = None

    # What the server sends

    def sends(self, **message: Any) -> None:
        """Send a message of the server, with the time where its type has one and none is given."""
        self.sends_frame(encoded(message))

    def sends_frame(self, frame: bytes) -> None:
        """Send the bytes of a frame, and LF."""
        self.sends_bytes(frame + b"\n")

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes as they are, in one piece."""
        self._there().send(data, self._deadline)

    def sends_pieces(self, pieces: Iterable[bytes]) -> None:
        """Send bytes in pieces, each when the client has read the one before."""
        for piece in pieces:
            self.sends_bytes(piece)
            self._there().wait_until_read()

    def sends_public(self, sender: str, content: str) -> None:
        """Let the client get a public message."""
        self.sends(type="message", username=sender, content=content)

    # What its user asks for

    def says(self, content: str, target: str | None = None) -> DriverEvent | None:
        """Let the user send a message; return what the client sends, None where it refuses.

        Raises:
            NotTested: where the driver cannot do it.
        """
        connection = self._there()
        frames, told = len(connection.frames), len(self._events)
        if target is None:
            self.asks("say", content=content)
        else:
            self.asks("say_privately", target=target, content=content)
        start = time.monotonic()
        answered = self._until(
            lambda: len(connection.frames) > frames or self._has_event(*_NOT_DONE, since=told) or self._is_over(),
            self._deadline if content else self._process.timeout.soft,
        )
        if answered:
            self._process.timeout.learn(time.monotonic() - start)
        self._requires_support(told)
        return decoded(connection.frames[frames]) if len(connection.frames) > frames else None

    def says_all(self, contents: Sequence[str]) -> list[DriverEvent]:
        """Let the user send public messages without a pause; return what the client sends."""
        connection = self._there()
        frames, told = len(connection.frames), len(self._events)

        def done() -> bool:
            refused = sum(event.get("event") in _NOT_DONE for event in self._events[told:])
            return len(connection.frames) - frames + refused >= len(contents)

        for content in contents:
            self.asks("say", content=content)
        self._until(lambda: done() or self._is_over(), self._deadline)
        return [decoded(frame) for frame in connection.frames[frames:]]

    def must_say(self, content: str, target: str | None = None) -> DriverEvent:
        """Let the user send a message that any client sends; return it.

        Raises:
            Broken: where nothing is sent.
        """
        said = self.says(content, target)
        if said is None:
            raise Broken("what the user says to be sent", f"nothing; {self._events_so_far()}", "CLIENT-2")
        return said

    def says_if_it_can(self, content: str, target: str | None = None) -> bool:
        """Let the user send a message; return whether exactly that is sent: it may be refused, or beyond the driver."""
        try:
            said = self.says(content, target)
        except NotTested:
            return False
        return said is not None and said.get("content") == content

    def finds_said(self, kind: str, content: str) -> DriverEvent | None:
        """Wait for a message of the client among all that it has sent; None where it does not come."""
        connection = self._there()

        def found() -> DriverEvent | None:
            said = (decoded(frame) for frame in connection.frames)
            return next((m for m in said if m.get("type") == kind and m.get("content") == content), None)

        self._until(lambda: found() is not None or not connection.open, self._deadline)
        return found()

    def echoes(self, content: str) -> None:
        """Send the client its own public message, as every server does."""
        self.sends(type="message", username=self.username, content=content)

    def confirms(self, target: str, content: str, **members: Any) -> None:
        """Send the confirmation of a private message."""
        self.sends(type="private_confirmation", target=target, content=content, **members)

    # What is expected

    def check_shown(self) -> None:
        """Send a marker that must be shown, and judge everything since the last time.

        Raises:
            Broken: with what is wrong.
        """
        marker = f"marker {next(self._numbers)}"
        start, told = time.monotonic(), len(self._events)
        self.sends_public("harness", marker)
        shown = self._until(lambda: self._shows(marker, told) or self._is_over(), self._deadline)
        if shown and self._shows(marker, told):
            self._process.timeout.learn(time.monotonic() - start)
        else:
            self._process.timeout.miss()
            self._process.stuck = True
        self.concludes()

    def vanishes(self, *, reset: bool = False) -> None:
        """End the connection as a server does that stops or dies, see that told, and judge.

        Raises:
            Broken: where the client does not notice.
        """
        connection = self._there()
        start = time.monotonic()
        if reset:
            connection.reset()
        else:
            connection.close()
        if self._until(lambda: self._has_event("disconnected") or not self._process.running.open, self._deadline):
            self._process.timeout.learn(time.monotonic() - start)
        else:
            self._process.timeout.miss()
            self._process.stuck = True
        self.concludes()
        self.evidence.deliveries += 1
        self.username = None

    def concludes(self) -> None:
        """Judge everything since the last time; what is missing may still be on its way for a moment.

        Raises:
            Broken: with the first thing that is wrong.
        """
        judged = self._judge()
        if judged.wrongs and self._process.running.open:
            waits = all(wrong.may_come for wrong in judged.wrongs)
            seconds = self._deadline if waits else self._process.timeout.soft
            self._until(lambda: not self._judge().wrongs, seconds)
            judged = self._judge()
        self.requires_life()
        self.username = judged.username
        if judged.wrongs:
            self._fails(judged.wrongs)
        self._judged_to = len(self.transcript.events)
        self.evidence.add(judged.evidence)

    def culprit(self) -> str | None:
        """Return the requirement that a client breaks which dies of what has just happened; None: nobody knows."""
        return find_culprit(self.transcript.events[self._judged_to :])

    # The scene of a case

    def requires_life(self) -> None:
        """Make sure that the client lives.

        Raises:
            TargetGone: where its process has ended.
        """
        if not self._process.running.open and self._died():
            raise TargetGone("the client's process ended")

    def begins_example(self) -> None:
        """Note that a generated example begins."""
        self._example_at = len(self.transcript.events)

    def last_example(self) -> list[Event]:
        """Return the traffic since the last example began, after that by which its connection came to be."""
        if self._connected_at >= self._example_at:
            return self.transcript.events[self._example_at :]
        return [*self._standing, *self.transcript.events[max(self._example_at, self._judged_to) :]]

    def traffic_of(self, violation: Violation) -> Transcript:  # noqa: ARG002  all of a case's are seen at its end
        """Return the traffic in which a requirement was seen violated."""
        return replace(self.transcript, events=self.last_example())

    def reads_the_rest(self) -> None:
        """Read what is still on its way."""
        while self._pump(self._process.timeout.soft):
            pass

    def close(self) -> None:
        """Let the client leave; harmless when repeated."""
        try:
            self.leaves()
        except (TargetGone, Inconclusive):
            self._process.stuck = True

    # How it is done

    def _judge(self) -> ClientJudgement:
        return judge_client(self.transcript.events[self._judged_to :], self._username_before())

    def _username_before(self) -> str | None:
        return self.username if self._judged_to > self._connected_at else None

    def _fails(self, wrongs: tuple[ClientFinding, ...]) -> None:
        first, self.has_failed = wrongs[0], True
        label = self.connection.label if self.connection else "the client"
        for wrong in wrongs[1:]:
            if wrong.requirement != first.requirement:
                self.violations.append(Violation(wrong.requirement, label, wrong.expected, wrong.actual))
        self.username = None
        connection = self._there_or_none()
        if connection is not None:
            connection.close()
        raise Broken(first.expected, first.actual, first.requirement)

    def _is_answered(self) -> bool:
        return self.connection is not None or self._has_event(*_NO_CONNECTION)

    def _state(self) -> str:
        ended = self.connection is not None and not self.connection.open
        return "the connection was ended" if ended else "the connection is open"

    def _events_so_far(self) -> str:
        return f"the driver told {all_described(self._events)}"

    def _shows(self, marker: str, since: int) -> bool:
        return any(e.get("event") == "shown" and e.get("content") == marker for e in self._events[since:])

    def _died(self) -> bool:
        return self._process.running.exit_reason() is not None

    def _requires_support(self, since: int) -> None:
        for event in self._events[since:]:
            if event.get("event") == "unsupported":
                raise NotTested(f"the driver cannot {event.get('do')}: {event.get('reason')}")
