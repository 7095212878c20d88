"""A batch of what this node's clients ask for, on its way into the log, and how it is written there."""

import threading
import time
from dataclasses import dataclass, field

PUBLIC, PRIVATE, READY = b"m", b"p", b"f"
"""Tags of segments: frames for all without their timestamps; private messages; frames for all as they are."""
JOIN, LEAVE = b"j", b"l"

_MOST_BYTES = 64 * 1024
_MOST_PIECES = 500
"""Lua takes no more than some thousand arguments at once, and the engine serves nobody else meanwhile."""


@dataclass(slots=True, eq=False)
class Entry:
    """One entry; each thing keeps its place among the segments, and the controls come after all of them.

    Attributes:
        number: counted by the node.
        since: when it was begun, on the clock of time.monotonic.
        size: in bytes.
        is_closed: whether it has been sent: nothing may be added, as it may be sent again.
        applied: the events to set once it has been applied.
    """

    number: int
    since: float = field(default_factory=time.monotonic)
    size: int = 0
    is_closed: bool = False
    applied: list[threading.Event] = field(default_factory=list)
    _segments: list[tuple[bytes, list[bytes]]] = field(default_factory=list)
    _controls: list[bytes] = field(default_factory=list)

    @property
    def takes_more(self) -> bool:
        """Whether the next thing belongs here, and not into another entry."""
        return (
            not self.is_closed and self.size <= _MOST_BYTES and len(self._segments) + len(self._controls) < _MOST_PIECES
        )

    def add(self, tag: bytes, lines: bytes) -> None:
        """Add to the last segment, or begin one with another tag."""
        if not self._segments or self._segments[-1][0] != tag:
            self._segments.append((tag, []))
        self._segments[-1][1].append(lines)
        self.size += len(lines)

    def control(self, kind: bytes, connection: int, name: str) -> None:
        """Add a join or a leave."""
        self._controls.append(b"%b%d\t%b\n" % (kind, connection, name.encode()))
        self.size += len(self._controls[-1])

    def words(self) -> list[bytes | int]:
        """Return what the script takes: number, controls, and each segment with its tag before it."""
        words: list[bytes | int] = [self.number, b"".join(self._controls)]
        for tag, pieces in self._segments:
            words += (tag, b"".join(pieces))
        return words
