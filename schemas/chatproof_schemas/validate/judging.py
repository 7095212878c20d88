"""Judges one line as a message of a direction, or of the one that fits it best."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatproof_schemas.decoding import FrameRefused
from chatproof_schemas.diagnosis import member_columns
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.lines import Line
from chatproof_schemas.validation import frame_bytes, read_frame


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of one line.

    Attributes:
        direction: the direction in which it was judged; None where its faults are the same in both.
        type: the type of a valid message; empty where it is invalid.
        problems: what is wrong with it; empty where it is valid.
    """

    direction: Direction | None
    type: str
    problems: tuple[Problem, ...] = ()


def judge(line: Line, directions: Sequence[Direction]) -> Judgement:
    """Judge a line: valid in one of the directions is valid; else the problems of the direction that fits it best."""
    refused = []
    for direction in directions:
        judgement = _judge(line, direction)
        if not judgement.problems:
            return judgement
        refused.append(judgement)
    if len({judgement.problems for judgement in refused}) == 1:
        best = replace(refused[0], direction=refused[0].direction if len(directions) == 1 else None)
    else:
        best = min(refused, key=_misfit)
    return replace(best, problems=tuple(_located(problem, line) for problem in best.problems))


def _judge(line: Line, direction: Direction) -> Judgement:
    if line.length > frame_bytes(direction):
        limit = f"at most {frame_bytes(direction)} bytes"
        return Judgement(direction, "", (Problem("frame_too_long", "", f"is {line.length} bytes long", limit),))
    try:
        message = read_frame(line.frame, direction)
    except FrameRefused as refusal:
        return Judgement(direction, "", refusal.problems)
    return Judgement(direction, message["type"])


def _misfit(judgement: Judgement) -> tuple[bool, int, int]:
    """Order judgements: a type of the direction before any other, few problems before many, the larger limit last."""
    codes = {problem.code for problem in judgement.problems}
    limit = frame_bytes(judgement.direction) if judgement.direction and "frame_too_long" in codes else 0
    return "unknown_type" in codes, len(judgement.problems), -limit


def _located(problem: Problem, line: Line) -> Problem:
    """Add the column where a schema's problem has a place in the line; a missing member has none."""
    if problem.column is not None or problem.code in ("frame_too_long", "malformed_json"):
        return problem
    return replace(problem, column=member_columns(line.frame.decode("utf-8")).get(problem.path))
