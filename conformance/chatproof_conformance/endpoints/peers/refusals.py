"""Frames that must be refused: many are sent at once, so that a slow server costs one round trip for all of them.

If not each of them gets its error, they are sent again one at a time, to name the one at fault.
"""

from collections.abc import Sequence

from chatproof_conformance.core.outcomes import Blocked, Broken
from chatproof_conformance.endpoints.peers.expectations import Message, error
from chatproof_conformance.endpoints.peers.peer import Peer
from chatproof_conformance.endpoints.peers.session import ServerSession


def errors_at_once(
    chat: ServerSession, offender: Peer, frames: Sequence[bytes], *witnesses: Peer
) -> list[Message] | None:
    """Send frames at once and return their errors, in order; None if it is not one error each and no more.

    A joined offender must be heard afterwards, and nothing else may have reached it or the witnesses.
    """
    try:
        for frame in frames:
            offender.sends_frame(frame)
        if offender in chat.present:
            chat.fence_ahead(offender)
        errors = [offender.gets_error() for _ in frames]
        if offender in chat.present:
            chat.shows_silence(offender, *witnesses)
            chat.evidence.silences += len(frames) - 1
    except (Broken, Blocked):
        return None
    return errors


def require_working(chat: ServerSession, peer: Peer) -> None:
    """Verify that a connection still works: everyone present hears it; one that has not joined can join.

    Raises:
        Broken: if it does not.
    """
    if peer in chat.present:
        content = f"still here {len(chat.case.markers)} {peer.name}"
        peer.says(content)
        for other in chat.present:
            other.hears(peer, content)
    else:
        peer.joins(chat.name("later"))
        chat.settle_alone(peer)


def stays_open(peer: Peer) -> bool:
    """Return whether the server keeps a connection open: then it answers a frame that it must refuse.

    Raises:
        Blocked: if it does neither: then ERROR-1 is what is broken.
    """
    peer.sends_frame(b"x")

    def is_settled() -> bool:
        return any(map(error().matches, peer.inbox.messages())) or peer.connection.ended is not None

    if not peer.receiver.read_until(is_settled):
        raise Blocked("ERROR-1", f"{peer} got no error for a frame that is not JSON, and is still connected")
    return peer.inbox.take(error()) is not None and peer.connection.open


def replaced(chat: ServerSession, *peers: Peer) -> list[Peer]:
    """Let peers go whose connections may have been spoilt, and return as many new ones that have joined."""
    for peer in peers:
        peer.leaves()
    return chat.gather(*(str(peer).partition("-")[0] for peer in peers))
