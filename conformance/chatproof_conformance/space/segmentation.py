"""Segmentation: in which pieces a stream of lines is sent, and what has to be answered before each."""

import enum
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise


class Segmentation(str, enum.Enum):
    """Where a stream is cut."""

    ONE_WRITE = "one write"
    PER_FRAME = "one frame a write"
    CHUNKS_7 = "chunks of 7 bytes"
    CHUNKS_64 = "chunks of 64 bytes"
    CHUNKS_512 = "chunks of 512 bytes"
    MIDDLE = "a cut in the middle of each frame"
    BEFORE_LF = "a cut before each LF"
    CR_LF = "a cut between CR and LF"
    FIRST_BYTE = "a cut after the first byte of each frame"
    IN_CHARACTER = "a cut inside a character"
    IN_ESCAPE = "a cut inside an escape"
    BRACE = "a cut after a brace inside a string"
    FRAME_AND_PART = "a frame and a part of the next, then its rest"
    BYTES = "byte by byte"
    PAUSE_50 = "a pause of 0.05 s in the middle of each frame"
    PAUSE_300 = "a pause of 0.3 s in the middle of each frame"
    PAUSE_1500 = "a pause of 1.5 s in the middle of each frame"


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes that are sent by one write.

    Attributes:
        data: the bytes, at least one.
        pause: seconds to wait before it.
        gate: the place of the line that must be answered before it: the last one that is complete by then. None if the
            segment before completed none, or blank lines only, which get no answer.
    """

    data: bytes
    pause: float = 0
    gate: int | None = None


_PAUSES = {
    Segmentation.BYTES: 0.0015,
    Segmentation.PAUSE_50: 0.05,
    Segmentation.PAUSE_300: 0.3,
    Segmentation.PAUSE_1500: 1.5,
}
_CHUNKS = {Segmentation.CHUNKS_7: 7, Segmentation.CHUNKS_64: 64, Segmentation.CHUNKS_512: 512, Segmentation.BYTES: 1}


def _found(pattern: bytes) -> Callable[[bytes], int]:
    compiled = re.compile(pattern, re.DOTALL)

    def place(line: bytes) -> int:
        found = compiled.search(line)
        return found.end() if found else 0

    return place


def _middle(line: bytes) -> int:
    return len(line) // 2


_PLACES: dict[Segmentation, Callable[[bytes], int]] = {
    Segmentation.PER_FRAME: len,
    Segmentation.MIDDLE: _middle,
    Segmentation.BEFORE_LF: lambda line: len(line) - 1,
    Segmentation.CR_LF: _found(rb"\r(?=\n)"),
    Segmentation.FIRST_BYTE: lambda _: 1,
    Segmentation.IN_CHARACTER: _found(rb"[\xc2-\xf4](?=[\x80-\xbf])"),
    Segmentation.BRACE: _found(rb'"[^"{}]*\}(?=[^"{}]+")'),
    Segmentation.IN_ESCAPE: _found(rb"\\(?=[^\n])u?"),
    Segmentation.PAUSE_50: _middle,
    Segmentation.PAUSE_300: _middle,
    Segmentation.PAUSE_1500: _middle,
}
"""Where a line is cut; not at all at 0."""


def cut(lines: Sequence[bytes], kind: Segmentation, *, separate: bool = False) -> list[Segment]:
    """Return a stream as segments.

    No cut follows a brace if the rest of its line is more than white space: a server may take what is complete at the
    end of a read (SPEC.md, section 17), and would rightly answer otherwise than to the whole line.

    Args:
        lines: each with its LF; the last one may lack it.
        kind: where to cut.
        separate: whether to cut at the end of each line, too.
    """
    stream = b"".join(lines)
    ends = list(accumulate(map(len, lines)))
    cuts = sorted({cut for cut in (*_cuts(lines, ends, kind), *(ends if separate else ())) if 0 < cut < len(stream)})
    pause = _PAUSES.get(kind, 0)
    segments: list[Segment] = []
    for start, end in pairwise([0, *cuts, len(stream)]):
        before = start - len(segments[-1].data) if segments else 0
        segments.append(Segment(stream[start:end], pause if start else 0, _gate(lines, ends, before, start)))
    return segments


def _gate(lines: Sequence[bytes], ends: Sequence[int], before: int, at: int) -> int | None:
    """Return the last line that ends within two places of the stream and is not blank."""
    completed = range(bisect_right(ends, before), bisect_right(ends, at))
    return next((number for number in reversed(completed) if lines[number].strip()), None)


def _cuts(lines: Sequence[bytes], ends: Sequence[int], kind: Segmentation) -> list[int]:
    cuts = []
    for number, (line, end) in enumerate(zip(lines, ends, strict=True)):
        start = end - len(line)
        if kind in _CHUNKS:
            size = _CHUNKS[kind]
            places = [place - start for place in range(start - start % size, end + 1, size)]
        elif kind is Segmentation.FRAME_AND_PART:
            places = [_middle(line), len(line)] if number % 2 else []
        else:
            places = [_PLACES[kind](line)] if kind in _PLACES else []
        cuts += [start + place for place in places if place > 0 and not _is_early(line, place)]
    return cuts


def _is_early(line: bytes, place: int) -> bool:
    """Whether what stands before a place in a line may be a whole object, and more than white space follows."""
    before = line[:place].rstrip()
    if not before.endswith(b"}") or not line[place:].strip(b" \t\r\n"):
        return False
    try:
        json.loads(before)
    except (ValueError, RecursionError):
        return not line.lstrip().startswith(b'{"type"')  # who knows how a lenient reader ends what is no JSON
    return True
