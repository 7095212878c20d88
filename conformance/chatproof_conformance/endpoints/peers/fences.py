"""Fences: a marker that each of some peers sends and everyone must get, behind all that these peers have caused."""

from collections.abc import Sequence

from chatproof_conformance.core.outcomes import Blocked, Broken
from chatproof_conformance.endpoints.peers.peer import Peer


class Fences:
    """Remembers between whom markers have arrived: one that is lost there is a finding."""

    def __init__(self) -> None:
        """Begin with none."""
        self._held: set[tuple[Peer, Peer]] = set()

    def send(self, by: Sequence[Peer], to: Sequence[Peer]) -> None:
        """Return when a marker of each of these has arrived at each of those.

        Raises:
            Broken: if one does not arrive between peers where an earlier one did: what the case did broke it.
            Blocked: if none has arrived there before: then PUBLIC-1 is what is broken, or nothing is known.
        """
        markers = [(peer, peer.sends_marker()) for peer in by]
        for source, marker in markers:
            for peer in to:
                if not peer.receiver.wait_for_marker(marker):
                    raise self._lost(source, peer)
                self._held.add((source, peer))

    def _lost(self, source: Peer, peer: Peer) -> Broken | Blocked:
        state = "the connection was ended" if peer.connection.ended else "it is open, and got nothing of it"
        lost = f"a public message of {source} did not reach {peer}; {state}"
        if (source, peer) in self._held:
            return Broken(f"public messages of {source} to reach {peer}, as they did before", lost)
        return Blocked("PUBLIC-1", f"a fence was lost: {lost}")
