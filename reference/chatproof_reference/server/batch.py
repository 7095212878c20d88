"""What is to be sent next: one sequence of public frames for all, and between them what single clients get.

A public frame costs the same however many read it: it is appended once, and joined once for all who get the whole
sequence. ORDER-1 to ORDER-3 hold because everything has a place in that one sequence.
"""

import sys
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from chatproof_reference.server.connection import Connection

_NEVER = sys.maxsize


class Batch:
    """Frames in the order in which they were routed, since the last flush."""

    __slots__ = ("_left_at", "_more", "_own", "_public", "_starts_at", "ending", "public_size", "size")

    def __init__(self) -> None:
        self.size = 0
        """Bytes of frames held."""
        self.public_size = 0
        """Bytes of those that everybody gets."""
        self._public: list[bytes] = []
        self._more = 0  # frames in there that are not first in their piece
        self._own: dict[Connection, list[tuple[int, bytes]]] = {}
        self._starts_at: dict[Connection, int] = {}
        self._left_at: dict[Connection, int] = {}
        self.ending: list[Connection] = []
        """The connections whose stream ends with this batch."""

    def __bool__(self) -> bool:
        return bool(self._public or self._own or self.ending)

    def to_all(self, *frames: bytes) -> None:
        """Send frames to every joined client."""
        self._public += frames
        size = sum(map(len, frames))
        self.size += size
        self.public_size += size

    def block_to_all(self, block: bytes, frames: int) -> None:
        """Send a block of so many frames, one or more, to every joined client."""
        self.to_all(block)
        self._more += frames - 1

    def to_one(self, connection: Connection, frame: bytes) -> None:
        """Send a frame to one connection, joined or not."""
        self._own.setdefault(connection, []).append((len(self._public), frame))
        self.size += len(frame)
        if not connection.is_joined:  # JOIN-11: it gets nothing but the answers to its own frames
            self._starts_at.setdefault(connection, _NEVER)

    def admit(self, connection: Connection) -> None:
        """Let a connection get the public frames from here on."""
        self._starts_at[connection] = len(self._public)

    def dismiss(self, connection: Connection) -> None:
        """Let a joined connection get no public frame from here on."""
        self._left_at[connection] = len(self._public)

    def end(self, connection: Connection) -> None:
        """End a connection's stream after what it gets here."""
        self.ending.append(connection)

    @property
    def is_public(self) -> bool:
        """Whether it is nothing but public frames, for the same recipients as before."""
        return not (self._own or self._starts_at or self._left_at or self.ending)

    @property
    def singled_out(self) -> AbstractSet[Connection]:
        """Those who do not get just the public frames, all of them."""
        return self._own.keys() | self._starts_at.keys() | self._left_at.keys()

    def chunks_of(self, singled_out: Iterable[Connection]) -> Iterator[tuple[Connection, bytes, int]]:
        """Yield for each of these its bytes, if it gets any, and how many frames they are."""
        for connection in singled_out:
            if frames := self._frames_of(connection):
                chunk = b"".join(frames)
                yield connection, chunk, chunk.count(b"\n")

    def public_chunk(self) -> tuple[bytes, int]:
        """Return the bytes that everybody else gets, and how many frames they are."""
        return b"".join(self._public), len(self._public) + self._more

    def _frames_of(self, connection: Connection) -> list[bytes]:
        frames: list[bytes] = []
        at = self._starts_at.get(connection, 0)
        for position, frame in self._own.get(connection, ()):
            frames += self._public[at:position]
            frames.append(frame)
            at = max(at, position)
        frames += self._public[at : self._left_at.get(connection, len(self._public))]
        return frames
