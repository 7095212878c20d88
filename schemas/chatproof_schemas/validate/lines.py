"""Reads the lines of a stream in constant memory, however long they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

_SKIPPED_AT_ONCE = 65_536
_NOT_TEXT = {
    b"\x1f\x8b": "is compressed by gzip (try `gzip -dc FILE | chatproof validate -`)",
    b"PK\x03\x04": "is a zip archive",
    b"\xff\xfe": "is UTF-16 (try `iconv -f UTF-16 -t UTF-8 FILE | chatproof validate -`)",
    b"\xfe\xff": "is UTF-16 (try `iconv -f UTF-16 -t UTF-8 FILE | chatproof validate -`)",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a stream.

    Attributes:
        number: its place, from 1.
        frame: its bytes without the LF; of a line that is longer than was asked for, one byte more than that.
        length: how many bytes it has, without the LF.
        ended: whether an LF ended it; only the last line can have none.
    """

    number: int
    frame: bytes
    length: int
    ended: bool

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing but JSON white space (SPEC.md, "The wire"): then it is no frame."""
        return self.length == len(self.frame) and not self.frame.strip(b" \t\r")


def read_lines(stream: BufferedReader, longest: int) -> Iterator[Line]:
    """Yield each line; of a line longer than ``longest`` bytes only the first ``longest + 1`` are kept.

    Raises:
        OSError: where the stream cannot be read.
    """
    number = 0
    while head := stream.readline(longest + 1):
        number += 1
        ended = head.endswith(b"\n")
        frame = head[:-1] if ended else head
        length = len(frame)
        if not ended and length > longest:
            skipped, ended = _skip_line(stream)
            length += skipped
        yield Line(number, frame, length, ended)


def what_else(stream: BufferedReader) -> str | None:
    """Say what a stream is where its first bytes show that it is no text in UTF-8; None otherwise."""
    first = stream.peek(4)
    return next((what for mark, what in _NOT_TEXT.items() if first.startswith(mark)), None)


def _skip_line(stream: BufferedReader) -> tuple[int, bool]:
    """Go past the rest of a line; return how many bytes that were without the LF, and whether there was one."""
    skipped = 0
    while part := stream.readline(_SKIPPED_AT_ONCE):
        if part.endswith(b"\n"):
            return skipped + len(part) - 1, True
        skipped += len(part)
    return skipped, False
