"""Several peers in one chat: joining, fences, and proofs that nothing happened."""

import itertools
import select
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NoReturn

from chatproof_conformance.core.outcomes import Blocked, Broken, NotTested, TargetGone, blocked_by
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.case_context import CaseContext
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.inbox import Violation
from chatproof_conformance.endpoints.peers.peer import Peer, frames_of
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.process.target import DYING_SECONDS
from chatproof_schemas.transcript import Event, Kind, Transcript

_QUIET_SECONDS = 0.3


class ServerSession:
    """The peers of one case, and what they have seen.

    Attributes:
        context: what the sessions of the run share.
        case: what the peers of this one share.
        transcript: every byte that passed, with its time.
        evidence: what the verdict of the case rests on.
        violations: frames that break a requirement, whatever the case is about.
        framing: ``lf`` or ``none``.
        has_failed: whether an example of the case has failed already, and is being shrunk.
    """

    def __init__(
        self, context: RunContext, *, findings_of: CaseContext | None = None, transcript: Transcript | None = None
    ) -> None:
        """Begin with nobody connected.

        Args:
            context: what the sessions of the run share.
            findings_of: the case for which evidence and violations count; one of its own if left out.
            transcript: where to record; a new one if left out.
        """
        self.context = context
        self.case = CaseContext(context)
        if findings_of is not None:
            self.case = CaseContext(context, findings_of.evidence, findings_of.violations)
        self.evidence, self.violations = self.case.evidence, self.case.violations
        self.framing = context.framing
        self.transcript = transcript or Transcript(framing="none" if context.framing == "none" else "lf")
        self.has_failed = False
        self._peers: dict[str, Peer] = {}
        self._fenced: set[tuple[Peer, Peer]] = set()
        self._example_start = 0
        self._staying: dict[str, Peer] = {}
        self._standing: list[Event] = []
        self._violating: dict[str, Transcript] = {}

    @property
    def present(self) -> list[Peer]:
        """The peers that have joined and not left, in the order of joining."""
        return [self._peers[label] for label in self.case.present]

    def name(self, label: str) -> str:
        """Return a new user name that nobody else has."""
        return self.context.name(label)

    def connect(self, label: str = "stranger", *, receive_buffer: int | None = None) -> Peer:
        """Return a peer that has connected and not joined."""
        unique = next(name for name in itertools.chain([label], _numbered(label)) if name not in self._peers)
        connection = Connection(
            self.context.target.address,
            unique,
            self.transcript,
            framing=self.framing,
            receive_buffer=receive_buffer,
        )
        peer = self._peers[unique] = Peer(self.case, connection)
        return peer

    def joins(self, label: str, *, name: str | None = None, receive_buffer: int | None = None) -> Peer:
        """Return a peer that has joined, after everyone present has seen the notice of it.

        Raises:
            Blocked: where the join does not work: then JOIN-1 is what is broken.
        """
        peer = self.connect(label, receive_buffer=receive_buffer)
        wanted_name = name or self.name(label)
        others = self.present
        with blocked_by("JOIN-1"):
            peer.joins(wanted_name)
            for other in others:
                other.expects(expectations.notice_naming(wanted_name), proof=peer)
        self._settle_alone(peer)
        return peer

    def gather(self, *labels: str) -> list[Peer]:
        """Return several joined peers, settled: all at once, since one after the other each would take a round trip.

        Raises:
            Blocked: where a join does not work: then JOIN-1 is what is broken.
        """
        peers, others = [self.connect(label) for label in labels], self.present
        names = [self.name(label) for label in labels]
        with blocked_by("JOIN-1"):
            for peer, name in zip(peers, names, strict=True):
                peer.asks_to_join(name)
            for peer, name in zip(peers, names, strict=True):
                peer.is_joined_as(name)
                for other in others:
                    other.expects(expectations.notice_naming(name), proof=peer)
        self.settle()
        return peers

    def stay(self, *labels: str) -> list[Peer]:
        """Return joined peers that stay for all the examples of a generated case; new ones where one was lost."""
        if any(label not in self._staying or self._staying[label] not in self.present for label in labels):
            start = len(self.transcript.events)
            self._staying |= dict(zip(labels, self.gather(*labels), strict=True))
            self._standing += self.transcript.events[start:]
        peers = [self._staying[label] for label in labels]
        if any(not peer.connection.open for peer in peers):
            self.case.present[:] = [str(peer) for peer in self.present if peer.connection.open]
            return self.stay(*labels)
        for peer in peers:
            peer.inbox.waiting.clear()
        return peers

    def stay_connected(self, label: str) -> Peer:
        """Return a peer that stays connected, and does not join, for all the examples of a generated case."""
        peer = self._staying.get(label)
        if peer is None or not peer.connection.open or peer in self.present:
            peer = self._staying[label] = self.connect(label)
            self._standing.append(self.transcript.events[-1])
        peer.inbox.waiting.clear()
        return peer

    def _settle_alone(self, peer: Peer) -> None:
        if not peer.receiver.wait_for_marker(peer.sends_marker()):
            raise Blocked("PUBLIC-1", f"a public message of {peer} did not come back to it")
        peer.inbox.forget_notices()

    def settle(self) -> None:
        """Fence everyone present, then forget the system messages of the server's own making (a welcome, a list)."""
        self.fence(*self.present)
        for peer in self.present:
            peer.inbox.forget_notices()

    def fence(self, *by: Peer) -> None:
        """Return when a marker of each of these has arrived at everyone present.

        Raises:
            Broken: where one does not arrive between peers where an earlier one did: what the case did broke it.
            Blocked: where none has arrived there before: then PUBLIC-1 is what is broken, or nothing is known.
        """
        markers = [(peer, peer.sends_marker()) for peer in by]
        for source, marker in markers:
            for peer in self.present:
                if not peer.receiver.wait_for_marker(marker):
                    self._fence_is_lost(source, peer)
                self._fenced.add((source, peer))

    def fence_ahead(self, by: Peer) -> None:
        """Fence behind frames whose answers nobody has looked at yet, so that a look and a proof cost one round trip.

        Where nothing parts one frame from the next, an answer is awaited before the fence is sent.
        """
        if self.framing == "none":
            by.receiver.first_message()
        self.fence(by)

    def _fence_is_lost(self, source: Peer, peer: Peer) -> NoReturn:
        lost = f"a public message of {source} did not reach {peer}; {_state(peer)}"
        if (source, peer) in self._fenced:
            raise Broken(f"public messages of {source} to reach {peer}, as they did before", lost)
        raise Blocked("PUBLIC-1", f"a fence was lost: {lost}")

    def proves_silence(self, *peers: Peer, by: Peer, about: str = "nothing more", id_: str | None = None) -> None:
        """Show that what a peer has sent so far caused nothing more at others than what they have already taken.

        Args:
            peers: those who must have got nothing else.
            by: the peer whose frames could have caused it; it sends the fence.
            about: what was expected, for the report.
            id_: the requirement that anything else breaks; the case's first one where left out.

        Raises:
            Broken: where something else is in an inbox.
            Blocked: where the fence is lost.
        """
        self.fence(by)
        self.shows_silence(*peers, about=about, id_=id_)

    def shows_silence(self, *peers: Peer, about: str = "nothing more", id_: str | None = None) -> None:
        """Look into inboxes after a fence: nothing that concerns this run's users may be in them."""
        for peer in peers:
            surprises = [received for received in peer.inbox.waiting if self.case.concerns_us(received.message)]
            if surprises:
                raise Broken(f"{about} at {peer}", frames_of(surprises), id_)
            peer.inbox.waiting.clear()
            self.evidence.silences += 1

    def goes_on(self, peer: Peer) -> None:
        """Show that a connection still works: everyone present hears it; one that has not joined can join.

        Raises:
            Broken: where it does not.
        """
        if peer in self.present:
            content = f"still here {len(self.case.markers)} {peer.name}"
            peer.says(content)
            for other in self.present:
                other.hears(peer, content)
        else:
            peer.joins(self.name("later"))
            self._settle_alone(peer)

    def announces(self, text: str) -> None:
        """Let the server's operator announce a text.

        Raises:
            NotTested: where the run was not told how.
        """
        if not self.context.target.can_announce:
            raise NotTested("not told how the operator announces; give --announce stdin or --announce 'CMD {text}'")
        self.case.register_own(text)
        self.transcript.append("", Kind.ANNOUNCE, text.encode())
        self.context.target.announce(text)

    def requires_life(self) -> None:
        """Make sure that the server runs and accepts connections: where it doesn't, that explains a failure.

        Raises:
            TargetGone: where it doesn't.
        """
        if died := self.context.target.exit_reason(DYING_SECONDS):
            raise TargetGone(died)
        Connection(self.context.target.address, "", Transcript()).close()

    def begins_example(self) -> None:
        """Note that a generated example begins: a report shows the traffic of the last one."""
        self._keep_violating_traffic()
        self._example_start = len(self.transcript.events)

    def traffic_of(self, violation: Violation) -> Transcript:
        """Return the traffic of the example in which a requirement was first seen violated."""
        self._keep_violating_traffic()
        return self._violating[violation.requirement]

    def _keep_violating_traffic(self) -> None:
        for violation in self.violations:
            if violation.requirement not in self._violating:
                self._violating[violation.requirement] = replace(self.transcript, events=self.last_example())

    def last_example(self) -> list[Event]:
        """Return the traffic since the last example began, after that by which its connections came to be.

        Where that does not explain every connection, or there are no examples, all of the traffic is returned.
        """
        events = self.transcript.events[self._example_start :]
        used, now = {event.connection for event in events}, set(map(id, events))
        before = [event for event in self._standing if event.connection in used and id(event) not in now]
        opened = {event.connection for event in (*before, *events) if event.kind is Kind.OPEN}
        return [*before, *events] if used <= opened | {""} else list(self.transcript.events)

    def shows(self, transcript: Transcript, *, is_broken: bool) -> None:
        """Show this traffic for the case, in place of its own so far; but what failed stays, until more that fails."""
        shown, start = self.transcript, self._example_start
        self.transcript, self._example_start = replace(transcript, events=list(transcript.events)), 0
        self._keep_violating_traffic()
        if self.has_failed and not is_broken:
            self.transcript, self._example_start = shown, start

    def reads_the_rest(self) -> None:
        """Read until nothing has come for a while: for a recording that shall lack nothing that was on its way."""
        quiet = max(_QUIET_SECONDS, 4 * self.context.timeout.slowest)
        peers = [peer for peer in self._peers.values() if not peer.stalled]
        while sum(peer.receiver.read(0) for peer in peers) or _any_readable(peers, quiet):
            pass

    def leave(self, leaving: Iterable[Peer]) -> None:
        """Let peers end their connections in order and at once: one after the other, each would take a round trip."""
        peers = list(leaving)
        for peer in peers:
            peer.half_closes()
        for peer in peers:
            peer.receiver.read_to_end()
            peer.connection.close()

    def close(self) -> None:
        """End every connection and leave nothing behind; harmless when repeated."""
        self.leave(peer for peer in self._peers.values() if peer.connection.open and not peer.stalled)
        for peer in self._peers.values():
            peer.connection.close()


def _any_readable(peers: Sequence[Peer], seconds: float) -> bool:
    poll = select.poll()
    for peer in peers:
        if peer.connection.open:
            poll.register(peer.connection.fileno(), select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _numbered(label: str) -> Iterator[str]:
    return map(f"{label}-{{}}".format, itertools.count(2))


def _state(peer: Peer) -> str:
    return "the connection was ended" if peer.connection.ended else "it is open, and got nothing of it"
