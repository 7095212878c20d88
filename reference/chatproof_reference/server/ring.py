"""Gives everybody the public frames, some recipients at a time, and lets what is routed meanwhile join.

What is taken between two blocks of recipients begins with the next one, and is through when every block has had it. So
a frame waits for one round at most; if rounds were whole, it would wait for one to end and then for another.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain

from chatproof_reference.server.outbox import Outbox

_LEAST_BLOCK = 16
"""Recipients for whom what they get is joined once."""

_MOST_BLOCKS = 32


class Ring:
    """The recipients, and what is under way to them."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes under way."""
        self._blocks: list[Sequence[Outbox]] = []
        self._turn = 0
        self._joined: tuple[bytes, int] | None = None
        self._under_way: deque[tuple[int, bytes, int]] = deque()  # through at this turn; the bytes; their frames
        self.is_current = False
        """Whether its recipients are the members: if not, they are to be set as soon as nothing is under way."""

    def __bool__(self) -> bool:
        """Whether something is under way."""
        return bool(self._under_way)

    @property
    def recipients(self) -> Iterator[Outbox]:
        """Those whom it serves."""
        return chain.from_iterable(self._blocks)

    @property
    def begins_round(self) -> bool:
        """Whether the first block is the next one."""
        return not self._blocks or self._turn % len(self._blocks) == 0

    def set_recipients(self, outboxes: Sequence[Outbox]) -> None:
        """Serve these from now on; nothing may be under way."""
        block = max(_LEAST_BLOCK, -(-len(outboxes) // _MOST_BLOCKS))
        self._blocks = [outboxes[start : start + block] for start in range(0, len(outboxes), block)]
        self.is_current = True

    def take(self, chunk: bytes, frames: int) -> None:
        """Let a chunk of whole frames join what is under way, from the next block on."""
        if self._blocks:
            self._under_way.append((self._turn + len(self._blocks), chunk, frames))
            self.size += len(chunk)
            self._joined = None

    def next_block(self) -> tuple[Sequence[Outbox], bytes, int]:
        """Return the next recipients, what they get, and how many frames it is; something must be under way."""
        block = self._blocks[self._turn % len(self._blocks)]
        chunk, frames = self._joined or self._join()
        self._turn += 1
        while self._under_way and self._under_way[0][0] == self._turn:
            self.size -= len(self._under_way.popleft()[1])
            self._joined = None
        return block, chunk, frames

    def _join(self) -> tuple[bytes, int]:
        chunks, frames = zip(*((chunk, frames) for _, chunk, frames in self._under_way), strict=True)
        self._joined = b"".join(chunks), sum(frames)
        return self._joined
