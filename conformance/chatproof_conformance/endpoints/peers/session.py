"""A case's session with the server under test: peers that connect and join, fences, and checks that nothing came."""

import itertools
from collections.abc import Iterable, Iterator

from chatproof_common.system.waiting import readable
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.outcomes import Blocked, NotTested, TargetGone, blocked_by
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.case_context import CaseContext
from chatproof_conformance.endpoints.peers.case_traffic import CaseTraffic
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.fences import Fences
from chatproof_conformance.endpoints.peers.peer import Peer, unexpected
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.process.target import DYING_SECONDS
from chatproof_schemas.transcript import Kind, Transcript

_QUIET_SECONDS = 0.3


class ServerSession:
    """The peers of one case, and what they have seen.

    Attributes:
        context: what the sessions of the run share.
        case: what the peers of this one share.
        traffic: the part of the transcript that a report shows.
        evidence: what the verdict of the case rests on.
        violations: frames that break a requirement, whatever the case is about.
        framing: ``lf`` or ``none``.
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
        self.framing = context.framing
        self.case = CaseContext(
            context,
            transcript or Transcript(framing="none" if context.framing == "none" else "lf"),
            evidence=findings_of.evidence if findings_of else Evidence(),
            violations=findings_of.violations if findings_of else [],
        )
        self.evidence, self.violations = self.case.evidence, self.case.violations
        self.traffic = CaseTraffic(self.case)
        self._peers: dict[str, Peer] = {}
        self._fences = Fences()
        self._staying: dict[str, Peer] = {}

    @property
    def transcript(self) -> Transcript:
        """Every byte that passed, with its time."""
        return self.case.transcript

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
            framing=self.transcript.framing,
            receive_buffer=receive_buffer,
        )
        peer = self._peers[unique] = Peer(self.case, connection)
        return peer

    def joins(self, label: str, *, name: str | None = None, receive_buffer: int | None = None) -> Peer:
        """Return a peer that has joined, after everyone present has seen the notice of it.

        Raises:
            Blocked: if the join does not work: then JOIN-1 is what is broken.
        """
        peer = self.connect(label, receive_buffer=receive_buffer)
        wanted_name = name or self.name(label)
        others = self.present
        with blocked_by("JOIN-1"):
            peer.joins(wanted_name)
            for other in others:
                other.expects(expectations.notice_naming(wanted_name), proof=peer)
        self.settle_alone(peer)
        return peer

    def gather(self, *labels: str) -> list[Peer]:
        """Return several joined peers, settled: all at once, since one after the other each would take a round trip.

        Raises:
            Blocked: if a join does not work: then JOIN-1 is what is broken.
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
        """Return joined peers that stay for all the examples of a generated case; new ones if one was lost."""
        if any(label not in self._staying or self._staying[label] not in self.present for label in labels):
            start = len(self.transcript.events)
            self._staying |= dict(zip(labels, self.gather(*labels), strict=True))
            self.traffic.keep_connections(start)
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
            start = len(self.transcript.events)
            peer = self._staying[label] = self.connect(label)
            self.traffic.keep_connections(start)
        peer.inbox.waiting.clear()
        return peer

    def settle_alone(self, peer: Peer) -> None:
        """Let one peer fence itself, then forget the system messages of the server's own making at it.

        Raises:
            Blocked: if its own public message does not come back.
        """
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
            Broken: if one does not arrive between peers where an earlier one did: what the case did broke it.
            Blocked: if none has arrived there before: then PUBLIC-1 is what is broken, or nothing is known.
        """
        self._fences.send(by, self.present)

    def fence_ahead(self, by: Peer) -> None:
        """Fence behind frames whose answers nobody has looked at yet, so that a look and a proof cost one round trip.

        If nothing separates one frame from the next, an answer is awaited before the fence is sent.
        """
        if self.framing == "none":
            by.receiver.first_message()
        self.fence(by)

    def proves_silence(self, *peers: Peer, by: Peer, about: str = "nothing more", id_: str | None = None) -> None:
        """Verify that what a peer has sent so far caused nothing more at others than what they have already taken.

        Args:
            peers: those who must have got nothing else.
            by: the peer whose frames could have caused it; it sends the fence.
            about: what was expected, for the report.
            id_: the requirement that anything else breaks; the case's first one if left out.

        Raises:
            Broken: if something else is in an inbox.
            Blocked: if the fence is lost.
        """
        self.fence(by)
        self.shows_silence(*peers, about=about, id_=id_)

    def shows_silence(self, *peers: Peer, about: str = "nothing more", id_: str | None = None) -> None:
        """Look into inboxes after a fence: nothing that concerns this run's users may be in them."""
        for peer in peers:
            surprises = [received for received in peer.inbox.waiting if self.case.concerns_us(received.message)]
            if surprises:
                raise unexpected(peer, about, surprises, id_)
            peer.inbox.waiting.clear()
            self.evidence.silences += 1

    def announces(self, text: str) -> None:
        """Let the server's operator announce a text.

        Raises:
            NotTested: if the run has no way to.
        """
        if not self.context.target.can_announce:
            raise NotTested("not told how the operator announces; give --announce stdin or --announce 'CMD {text}'")
        self.case.register_own(text)
        self.transcript.append("", Kind.ANNOUNCE, text.encode())
        self.context.target.announce(text)

    def requires_life(self) -> None:
        """Make sure that the server runs and accepts connections: if it doesn't, that explains a failure.

        Raises:
            TargetGone: if it doesn't.
        """
        if died := self.context.target.exit_reason(DYING_SECONDS):
            raise TargetGone(died)
        Connection(self.context.target.address, "", Transcript()).close()

    def reads_the_rest(self) -> None:
        """Read until nothing has come for a while: so that a recording lacks nothing that was on its way."""
        quiet = max(_QUIET_SECONDS, 4 * self.context.timeout.slowest)
        peers = [peer for peer in self._peers.values() if not peer.stalled]
        while sum(peer.receiver.read(0) for peer in peers) or readable(_open_connections(peers), quiet):
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


def _open_connections(peers: Iterable[Peer]) -> list[Connection]:
    return [peer.connection for peer in peers if peer.connection.open]


def _numbered(label: str) -> Iterator[str]:
    return map(f"{label}-{{}}".format, itertools.count(2))
