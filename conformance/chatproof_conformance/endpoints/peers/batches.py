"""Some at a time: what a case sends before it looks at what came of it, so that a slow server costs few round trips."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from chatproof_conformance.endpoints.peers.session import ServerSession

_AT_ONCE = 25
"""So few that what they cause fits into the buffers of a connection that nobody reads meanwhile."""

Item = TypeVar("Item")


def batches(chat: ServerSession, items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield the items in groups that may be sent at once: single ones if nothing separates one frame from the next."""
    size = 1 if chat.framing == "none" else _AT_ONCE
    for start in range(0, len(items), size):
        yield items[start : start + size]
