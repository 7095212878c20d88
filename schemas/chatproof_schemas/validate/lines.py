"""Reads a stream in constant memory: blocks of whole lines, and single lines if one is too long or has no end."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

BLOCK_BYTES = 32_768
"""How much is read at once; more leaves the processor's nearer caches and is slower."""


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
    ended: bool = True

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing but JSON white space (SPEC.md, "The wire"): then it is not a frame."""
        return self.length == len(self.frame) and not self.frame.strip(b" \t\r")


@dataclass(frozen=True, slots=True)
class Block:
    """Several lines.

    Attributes:
        number: the place of the first, from 1.
        data: the lines, each with its LF.
    """

    number: int
    data: bytes


def has_longer_line(lines: bytes, limit: int) -> bool:
    """Return whether one of some lines, each with its LF, has more bytes than a limit without it."""
    at = 0
    while len(lines) - at > limit + 1:
        at = lines.rfind(b"\n", at, at + limit + 1) + 1
        if not at:
            return True
    return False


def read_parts(stream: BufferedIOBase, longest: int, head: bytes = b"") -> Iterator[Block | Line]:
    """Yield the lines of ``head`` and a stream: a line alone if it has no LF, or is so long that no block holds it.

    Raises:
        OSError, EOFError, zlib.error: if the stream cannot be read.
    """
    number, rest = 1, b""
    cut: Line | None = None
    for data in _chunks(stream, head):
        chunk = data
        if cut:
            cut, chunk = _continued(cut, chunk)
            if not cut.ended:
                continue
            yield cut
            number, cut = number + 1, None
        lines, rest = _split(rest + chunk)
        if lines:
            yield Block(number, lines)
            number += lines.count(b"\n")
        if len(rest) > longest:
            cut, rest = Line(number, rest[: longest + 1], len(rest), ended=False), b""
    if cut or rest:
        yield cut or Line(number, rest, len(rest), ended=False)


def _chunks(stream: BufferedIOBase, head: bytes) -> Iterator[bytes]:
    if head:
        yield head
    while data := stream.read1(BLOCK_BYTES):
        yield data


def _split(data: bytes) -> tuple[bytes, bytes]:
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _continued(cut: Line, data: bytes) -> tuple[Line, bytes]:
    """Add data to a line that is too long to be kept; return it, and what comes after its end."""
    more, ended, rest = data.partition(b"\n")
    return Line(cut.number, cut.frame, cut.length + len(more), ended=bool(ended)), rest
