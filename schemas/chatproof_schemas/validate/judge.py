"""Judges blocks of messages: most by their shape, at once, and the others one by one."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chatproof_schemas.recognition.recogniser import UNRECOGNISED, Recogniser
from chatproof_schemas.recognition.shapes import Shape, gaps_of
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.judging import UNKNOWN_TYPE, Judgement, judge
from chatproof_schemas.validate.lines import Block, Line, has_longer_line
from chatproof_schemas.validation import frame_bytes

_IN_DOUBT = bytes([UNRECOGNISED])


class Judge:
    """Judges messages of some directions; what it recognises, :func:`judge` would find valid, with nothing to note.

    Attributes:
        longest: the most bytes that a message may have.
    """

    def __init__(self, directions: Sequence[Direction], *, strict: bool) -> None:
        """Judge in these directions; with ``strict``, notes are problems."""
        self.longest = max(map(frame_bytes, directions))
        self._shortest = min(map(frame_bytes, directions))
        self._directions = directions
        self._strict = strict
        self._recogniser = Recogniser()

    def judge_block(self, block: Block, valid: Counter[tuple[Direction, str]]) -> Iterator[tuple[Line, Judgement]]:
        """Count those that are recognised among the valid ones, and yield each other one that is not blank."""
        kinds = self._recogniser.kinds(block.data)
        frames: Sequence[bytes] = ()
        if has_longer_line(block.data, self._shortest):
            frames = block.data.split(b"\n")
            kinds = self._without_too_long(kinds, frames)
        for kind, count in Counter(kinds).items():
            if kind != UNRECOGNISED:
                shape = self._recogniser.shapes[kind - 1]
                valid[shape.direction, shape.type] += count
        at = kinds.find(_IN_DOUBT)
        while at >= 0:
            frames = frames or block.data.split(b"\n")
            line = Line(block.number + at, frames[at][: self.longest + 1], len(frames[at]))
            if not line.is_blank:
                yield line, self.judge_line(line)
            at = kinds.find(_IN_DOUBT, at + 1)

    def judge_line(self, line: Line) -> Judgement:
        """Judge one message, and recognise the likes of it from the next block on."""
        judgement = judge(line, self._directions, strict=self._strict)
        plain = not judgement.problems and not judgement.notes and judgement.type != UNKNOWN_TYPE
        if plain and judgement.direction is not None:
            gaps = gaps_of(line.frame)
            self._recogniser.learn(Shape(judgement.direction, judgement.type, judgement.members, gaps))
        return judgement

    def _without_too_long(self, kinds: bytes, frames: Sequence[bytes]) -> bytes:
        limits = [0, *(frame_bytes(shape.direction) for shape in self._recogniser.shapes)]
        # Behind the last LF there is one more frame, an empty one.
        found = zip(kinds, map(len, frames), strict=False)
        return bytes(kind if length <= limits[kind] else UNRECOGNISED for kind, length in found)
