"""The judge of blocks finds what the judge of single lines finds, line for line: it is faster, and nothing else."""

import functools
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof_schemas import Direction, load_schema, message_types, vectors
from chatproof_schemas.validate.judging import Judge, judge
from chatproof_schemas.validate.lines import Block, Line

BOTH = tuple(Direction)
EXAMPLES = [
    example
    for direction in Direction
    for name in message_types(direction)
    for example in load_schema(f"{direction.value}/{name}")["examples"]
]


def slowly(frames, directions, *, strict):
    """Return what the judge of single lines says: counts of the valid ones, and judgements of the others."""
    valid, told = Counter(), []
    for number, frame in enumerate(frames, 1):
        line = Line(number, frame[:8193], len(frame))
        if not line.is_blank:
            add(line, judge(line, directions, strict=strict), valid, told)
    return valid, told


def add(line, judgement, valid, told):
    if judgement.problems or judgement.notes:
        told.append((line.number, judgement))
    else:
        valid[judgement.direction, judgement.type] += 1


@functools.cache
def taught(directions, *, strict):
    """Return a judge of blocks that has seen the likes of every example often enough."""
    known = Judge(directions, strict=strict)
    lesson = b"".join(json.dumps(example).encode() + b"\n" for example in EXAMPLES)
    for _ in range(12):
        list(known.judge_block(Block(1, lesson), Counter()))
    return known


def quickly(frames, directions, *, strict):
    """Return the same of the judge of blocks."""
    valid, told = Counter(), []
    block = Block(1, b"".join(frame + b"\n" for frame in frames))
    for line, judgement in taught(directions, strict=strict).judge_block(block, valid):
        add(line, judgement, valid, told)
    return valid, told


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("directions", [BOTH, (Direction.CLIENT,), (Direction.SERVER,)])
def test_all_vectors_are_judged_alike(directions, strict):
    frames = [vector.frame for vector in vectors() if b"\n" not in vector.frame] * 2
    valid, told = quickly(frames, directions, strict=strict)
    assert (+valid, told) == slowly(frames, directions, strict=strict)
    assert valid.total() > 20


def test_most_lines_are_recognised_and_not_judged_one_by_one():
    frames = [json.dumps(example).encode() for example in EXAMPLES] * 10
    known = Judge(BOTH, strict=False)
    block = Block(1, b"".join(frame + b"\n" for frame in frames))
    list(known.judge_block(block, Counter()))
    list(known.judge_block(block, Counter()))
    valid = Counter()
    assert list(known.judge_block(block, valid)) == []
    assert valid.total() == len(frames)


ODD = ["a" * 33, " a", "a ", "14:30:25", "24:00:00", "\u200b", "username_taken", "x" * 1100]
NAMES = ["content", "username", "target", "sender", "timestamp", "message", "code", "reason", "type", "id"]
TEXTS = st.text(max_size=8) | st.sampled_from(ODD)
CHANGES = st.dictionaries(st.sampled_from(NAMES), TEXTS | st.booleans() | st.none() | st.integers(), max_size=2)


@st.composite
def messages(draw):
    """Messages of every type, mostly valid, their members in the usual order or another."""
    message = draw(st.sampled_from(EXAMPLES)) | draw(CHANGES)
    return dict(draw(st.permutations(list(message.items())))) if draw(st.booleans()) else message


@st.composite
def spelt(draw):
    """A message as some writer would write it, perhaps with a byte changed."""
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :"), (",  ", ":")]))
    text = json.dumps(draw(messages()), ensure_ascii=draw(st.booleans()), separators=separators)
    frame = text.encode("utf-8", "surrogatepass") + draw(st.sampled_from([b"", b"\r", b" ", b"}", b"\x00"]))
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(frame)))
        frame = frame[:at] + draw(st.binary(max_size=1)) + frame[at + 1 :]
    return frame.replace(b"\n", b" ")


@settings(max_examples=60)
@given(st.lists(spelt() | st.binary(max_size=5).map(lambda data: data.replace(b"\n", b"")), max_size=20), st.booleans())
def test_generated_lines_are_judged_alike(frames, strict):
    valid, told = quickly(frames, BOTH, strict=strict)
    assert (+valid, told) == slowly(frames, BOTH, strict=strict)
