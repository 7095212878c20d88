"""Judges lines as messages of a direction, or of the one that fits each best: most by their shape, many at once.

What a receiver ignores is noted, not refused (SPEC.md, "Versions and growth"): members that a type does not have, in
both directions, and from a server types that version 1 does not have. A client's unknown type is refused: a server
answers it with an error. So is a type in the wrong direction: that is not growth.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatproof_schemas.decoding import FrameRefused, decode_frame
from chatproof_schemas.diagnosis import member_columns
from chatproof_schemas.problems import Problem, pointer
from chatproof_schemas.recognition.recogniser import UNRECOGNISED, Recogniser
from chatproof_schemas.recognition.shapes import Shape, gaps_of
from chatproof_schemas.schemas import Direction, load_schema, message_types
from chatproof_schemas.validate.findings import UNKNOWN_MEMBER, UNKNOWN_TYPE
from chatproof_schemas.validate.lines import Block, Line, has_longer_line
from chatproof_schemas.validation import find_problems, frame_bytes
from chatproof_schemas.wording import MISSING, one_of

_WITHOUT_MEMBER = ("frame_too_long", "malformed_json")
_IN_DOUBT = bytes([UNRECOGNISED])
_Reading = tuple[Any, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of one line.

    Attributes:
        direction: in which it was judged; None if its faults are the same in both.
        type: of a valid message, :data:`UNKNOWN_TYPE` if it is none of version 1; empty if it is invalid.
        members: the names of a valid message's members, in their order.
        problems: what is wrong with it; empty if it is valid.
        notes: what its receiver ignores; none if it is invalid.
    """

    direction: Direction | None
    type: str
    members: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


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


def judge(line: Line, directions: Sequence[Direction], *, strict: bool = False) -> Judgement:
    """Judge a line: valid in one of the directions is valid; else the problems of the direction that fits it best.

    With ``strict``, notes are problems.
    """
    reading = _read(line, directions)
    found = [_judge(line, reading, direction, strict=strict) for direction in directions]
    valid = [judgement for judgement in found if not judgement.problems]
    best = min(valid, key=_strangeness) if valid else min(found, key=_misfit)
    if valid and not best.notes:
        return best
    differ = valid or len(directions) == 1 or len({judgement.problems for judgement in found}) > 1
    direction = best.direction if differ else None
    return Judgement(direction, best.type, best.members, _located(best.problems, line), _located(best.notes, line))


def _read(line: Line, directions: Sequence[Direction]) -> _Reading:
    """Return the JSON value of a frame, or why there is none; neither if it is too long for all directions."""
    if line.length > max(map(frame_bytes, directions)):
        return None, ()
    try:
        return decode_frame(line.frame), ()
    except FrameRefused as refusal:
        return None, refusal.problems


def _judge(line: Line, reading: _Reading, direction: Direction, *, strict: bool) -> Judgement:
    judgement = _judge_tolerantly(line, reading, direction)
    if strict and judgement.notes:
        return Judgement(direction, "", problems=judgement.notes)
    return judgement


def _judge_tolerantly(line: Line, reading: _Reading, direction: Direction) -> Judgement:
    """Judge a line as ``read_frame`` does, but by a reading that the directions share."""
    if line.length > frame_bytes(direction):
        limit = f"at most {frame_bytes(direction)} bytes"
        problem = Problem("frame_too_long", "", f"is {line.length} bytes long", limit)
        return Judgement(direction, "", problems=(problem,))
    message, malformed = reading
    problems = malformed or find_problems(message, direction)
    if problems and problems[0].code == UNKNOWN_TYPE and _is_of_a_later_version(message["type"], direction):
        return Judgement(direction, UNKNOWN_TYPE, notes=problems)
    if problems:
        return Judgement(direction, "", problems=problems)
    name = message["type"]
    return Judgement(direction, name, tuple(message), notes=_unknown_members(message, direction, name))


def _is_of_a_later_version(name: str, direction: Direction) -> bool:
    return direction is Direction.SERVER and name not in message_types(Direction.CLIENT)


def _unknown_members(message: dict[str, Any], direction: Direction, name: str) -> tuple[Problem, ...]:
    known = load_schema(f"{direction.value}/{name}")["properties"]
    if message.keys() <= known.keys():
        return ()
    expected = one_of(known)
    unknown = (member for member in message if member not in known)
    return tuple(Problem(UNKNOWN_MEMBER, pointer(member), f"is no member of {name}", expected) for member in unknown)


def _strangeness(judgement: Judgement) -> tuple[bool, int]:
    """Order valid judgements: a known type before an unknown one, few unknown members before many."""
    return judgement.type == UNKNOWN_TYPE, len(judgement.notes)


def _misfit(judgement: Judgement) -> tuple[bool, int, int]:
    """Order judgements: a type of the direction before any other, few problems before many, the larger limit last."""
    codes = {problem.code for problem in judgement.problems}
    limit = frame_bytes(judgement.direction) if judgement.direction and "frame_too_long" in codes else 0
    return UNKNOWN_TYPE in codes, len(judgement.problems), -limit


def _located(problems: tuple[Problem, ...], line: Line) -> tuple[Problem, ...]:
    """Add the columns if a schema's problems have a place in the line; a missing member has none."""
    if all(problem.what == MISSING or problem.code in _WITHOUT_MEMBER for problem in problems):
        return problems
    columns = member_columns(line.frame.decode("utf-8"))
    return tuple(replace(problem, column=columns.get(problem.path, problem.column)) for problem in problems)
