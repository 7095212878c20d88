"""A chat with the server under test: peers that connect and join, fences, and checks that nothing came."""

import itertools
from collections.abc import Iterable, Iterator
from typing import cast

from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.chat_state import ChatState
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_conformance.endpoints.peers.peer import Peer, unexpected
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_schemas.transcript import Framing, Kind, Transcript


class ServerSession:
    """The peers of one chat.

    Attributes:
        context: what the chats of the run share.
        state: what the peers of this one share.
    """

    def __init__(self, context: RunContext) -> None:
        """Begin with nobody connected."""
        self.context = context
        self.state = ChatState(context, Transcript(framing=cast("Framing", context.framing)))
        self._peers: dict[str, Peer] = {}

    @property
    def transcript(self) -> Transcript:
        """Every byte that passed, with its time."""
        return self.state.transcript

    @property
    def present(self) -> list[Peer]:
        """The peers that have joined and not left, in the order of joining."""
        return [self._peers[label] for label in self.state.present]

    def name(self, label: str) -> str:
        """Return a new user name that nobody else has."""
        return self.context.name(label)

    def connect(self, label: str = "stranger") -> Peer:
        """Return a peer that has connected and not joined."""
        unique = next(name for name in itertools.chain([label], _numbered(label)) if name not in self._peers)
        connection = Connection(self.context.target.address, unique, self.transcript, framing=self.transcript.framing)
        peer = self._peers[unique] = Peer(self.state, connection)
        return peer

    def joins(self, label: str, *, name: str | None = None) -> Peer:
        """Return a peer that has joined, after everyone present has seen the notice of it.

        Raises:
            Broken: if the join does not work, or a fence is lost.
        """
        return self._join([label], [name or self.name(label)])[0]

    def gather(self, *labels: str) -> list[Peer]:
        """Return several joined peers, settled: all at once, since one after the other each would take a round trip.

        Raises:
            Broken: if a join does not work, or a fence is lost.
        """
        return self._join(labels, list(map(self.name, labels)))

    def _join(self, labels: Iterable[str], names: list[str]) -> list[Peer]:
        peers, others = [self.connect(label) for label in labels], self.present
        for peer, name in zip(peers, names, strict=True):
            peer.asks_to_join(name)
        for peer, name in zip(peers, names, strict=True):
            peer.is_joined_as(name)
            for other in others:
                other.expects(expectations.notice_naming(name), proof=peer)
        self.fence(*peers)
        for peer in self.present:
            peer.inbox.forget_notices()
        return peers

    def fence(self, *by: Peer) -> None:
        """Return when a marker of each of these has arrived at everyone present.

        Raises:
            Broken: if one does not arrive.
        """
        markers = [(peer, peer.sends_marker()) for peer in by]
        for source, marker in markers:
            for peer in self.present:
                if not peer.receiver.wait_for_marker(marker):
                    raise peer.receiver.lack(expectations.public_message(str(source.name), marker))

    def proves_silence(self, *peers: Peer, by: Peer, about: str = "nothing more") -> None:
        """Verify that what a peer has sent so far caused nothing more at others than what they have already taken.

        Args:
            peers: those who must have got nothing else.
            by: the peer whose frames could have caused it; it sends the fence.
            about: what was expected, for the report.

        Raises:
            Broken: if something else is in an inbox that concerns this run's users, or the fence is lost.
        """
        self.fence(by)
        for peer in peers:
            surprises = [item for item in peer.inbox.waiting if self.state.concerns_us(item.message)]
            if surprises:
                raise unexpected(peer, about, surprises)
            peer.inbox.waiting.clear()

    def announces(self, text: str) -> None:
        """Let the server's operator announce a text.

        Raises:
            NotTested: if the run has no way to.
        """
        if not self.context.target.can_announce:
            raise NotTested("not told how the operator announces; give --announce stdin or --announce 'CMD {text}'")
        self.state.register_own(text)
        self.transcript.append("", Kind.ANNOUNCE, text.encode())
        self.context.target.announce(text)

    def close(self) -> None:
        """End every connection in order, and at once; harmless when repeated."""
        leaving = [peer for peer in self._peers.values() if peer.connection.open]
        for peer in leaving:
            peer.half_closes()
        for peer in leaving:
            peer.receiver.read_to_end()
        for peer in self._peers.values():
            peer.connection.close()


def _numbered(label: str) -> Iterator[str]:
    return map(f"{label}-{{}}".format, itertools.count(2))
