"""What a peer got, in order: for requirements on order, where taking messages out one by one would hide it."""

from collections.abc import Callable, Iterable

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.core.text import listed, quoted
from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.peer import Peer


def got_in_order(peer: Peer, shape: Callable[[Message], str | None]) -> list[str]:
    """Take everything out of a peer's inbox; return the shapes of its messages in order, without the None ones."""
    shapes = [shape(received.message) for received in peer.inbox.waiting]
    peer.inbox.waiting.clear()
    return [found for found in shapes if found is not None]


def require_order(peer: Peer, expected: list[str], got: list[str], what: str) -> None:
    """Raise Broken at the first place where what a peer got differs from what it must get."""
    for place, (left, right) in enumerate(zip(expected, got, strict=False)):
        if left != right:
            raise Broken(
                f"{what} at {peer}: number {place + 1} is {quoted(left)}", f"{quoted(right)}; {_near(got, place)}"
            )
    if len(expected) != len(got):
        more = listed([quoted(item) for item in (got[len(expected) :] or expected[len(got) :])])
        word = "more" if len(got) > len(expected) else "less"
        raise Broken(f"{what} at {peer}: {len(expected)} messages", f"{len(got)}; {word}: {more}")


def public_content(senders: Iterable[Peer]) -> Callable[[Message], str | None]:
    """Return a shape: the content of a public message of one of these peers."""
    names = {sender.name for sender in senders}

    def shape(message: Message) -> str | None:
        ours = message.get("type") == "message" and message.get("username") in names
        return str(message.get("content")) if ours else None

    return shape


def _near(got: list[str], place: int) -> str:
    return f"around it: {listed([quoted(item) for item in got[max(0, place - 1) : place + 2]])}"
