"""How a frame is written makes no difference: the verdict is that of the standard library's parser and jsonschema.

Nothing that judges here is ours but the schemas and the few rules of SPEC.md, "The wire", that a parser does not know.
"""

import functools
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from chatproof_schemas import (
    CLIENT_FRAME_BYTES,
    SERVER_FRAME_BYTES,
    Direction,
    FrameRefused,
    decode_frame,
    message_types,
    read_frame,
    read_valid,
    vectors,
)
from chatproof_schemas.schemas import resolved_schema
from support import node_packages
from support.written_frames import frames

LIMITS = {Direction.CLIENT: CLIENT_FRAME_BYTES, Direction.SERVER: SERVER_FRAME_BYTES}
SUITE = Path(__file__).parent / "json_suite"


def strictly(frame):
    """Return the value of a frame; raise ValueError if it is none."""

    def pairs(members):
        if len(dict(members)) != len(members):
            raise ValueError("a name twice")
        return dict(members)

    def refuse(constant):
        raise ValueError(constant)

    text = frame.decode()
    value = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=refuse).decode(text)
    json.dumps(value, ensure_ascii=False).encode()  # no lone surrogate
    return value


@functools.cache
def validator(direction, name):
    return Draft202012Validator(resolved_schema(direction, name))


def message_of(frame, direction):
    """Return the valid message of a frame; None if it is not valid."""
    try:
        message = strictly(frame)
    except (ValueError, RecursionError):
        return None
    name = message.get("type") if isinstance(message, dict) else None
    known = isinstance(name, str) and name in message_types(direction) and len(frame) <= LIMITS[direction]
    return message if known and validator(direction, name).is_valid(message) else None


def is_judged_alike(frame, direction):
    wanted = repr(message_of(frame, direction))
    try:
        read = repr(read_frame(frame, direction))
    except FrameRefused:
        read = repr(None)
    return wanted == read == repr(read_valid(frame, direction))


def differences(count):
    return [(direction, frame) for direction, frame in frames(count) if not is_judged_alike(frame, direction)]


def is_read_by_python(vector):
    """Whether it says whether a frame is JSON, and not how deep a parser reads or how long its numbers may be."""
    return len(vector.verdicts) == 1


def test_every_vector_is_judged_alike():
    sure = list(filter(is_read_by_python, vectors()))
    assert len(sure) > 500
    for direction in Direction:
        assert [vector.id for vector in sure if not is_judged_alike(vector.frame, direction)] == []


def test_generated_frames_are_judged_alike():
    assert differences(3_000) == []
    valid = sum(message_of(frame, direction) is not None for direction, frame in frames(3_000))
    assert 1_000 < valid < 2_000


@pytest.mark.long("judges 100,000 frames twice")
def test_very_many_generated_frames_are_judged_alike():
    assert differences(100_000) == []


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return node_packages.run(node_packages.install(SUITE, tmp_path_factory), "cases.mjs", "")


@pytest.mark.needs("node", "npm")
def test_the_public_suite_of_json_parsers_is_decided_as_it_says(suite):
    """Its names begin with y, n or i: must be accepted, must be refused, or up to the implementation."""
    decided = {"y": 0, "n": 0, "i": 0}
    for case in suite:
        frame, kind = case["input"].encode("utf-8", "surrogatepass"), case["name"][0]
        try:
            ours, text = True, repr(decode_frame(frame))
        except FrameRefused:
            ours, text = False, ""
        try:
            theirs = repr(strictly(frame))
        except (ValueError, RecursionError):
            theirs = ""
        assert text == theirs, case
        assert ours == (kind == "y") or kind == "i" or case["name"] in OURS_ARE_STRICTER, case
        decided[kind] += 1
    assert decided["y"] > 80
    assert decided["n"] > 150


OURS_ARE_STRICTER = {
    "y_object_duplicated_key.json",  # RFC 7493: no name twice
    "y_object_duplicated_key_and_value.json",
}
