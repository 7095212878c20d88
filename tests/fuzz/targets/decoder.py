"""A frame is decoded as jiter decodes it, or refused with a place in it; and what is written reads the same."""

import json

import jiter

from chatproof_reference.wire import encode_message
from chatproof_schemas import CLIENT_FRAME_BYTES, FrameRefused, decode_frame, vectors
from chatproof_schemas.diagnosis import find_fault, member_columns
from support.other_judges import REFUSED, decoded

LONGEST = 1_500
"""Some eighty characters of a path, forty of a name and a sentence; each may be shown as an escape of twelve."""


def seeds():
    return (vector.frame for vector in vectors() if len(vector.frame) <= CLIENT_FRAME_BYTES + 1)


def check(data):
    try:
        value = decode_frame(data)
    except FrameRefused as refusal:
        (problem,) = refusal.problems
        check_refusal(data, problem)
        value = REFUSED
    else:
        check_value(value)
        check_members(data.decode(), value)
    if not is_too_deep_for_others(data):
        assert repr(value) == repr(decoded(data))


def is_too_deep_for_others(data):
    try:
        jiter.from_json(data)
    except ValueError as error:
        return "recursion" in str(error)
    return False


def check_refusal(data, problem):
    assert problem.code == "malformed_json"
    assert str(problem).isprintable()
    assert len(str(problem)) < LONGEST
    text = data.decode("utf-8", "replace")
    assert problem.column is None or 1 <= problem.column <= len(text) + 1
    assert problem.what != "is not JSON", "the parser refuses what the diagnosis takes"


def check_value(value):
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only)
        if "Infinity" not in text:  # a number out of the range of a double: it is read, and cannot be written
            assert repr(decode_frame(text.encode())) == repr(value)
    if isinstance(value, dict) and "Infinity" not in text:
        line = encode_message(value)
        assert line.count(b"\n") == 1
        assert repr(decode_frame(line)) == repr(value)


def check_members(text, value):
    assert find_fault(text) is None
    columns = member_columns(text)
    assert all(1 <= column <= len(text) for column in columns.values())
    if isinstance(value, dict):
        assert len([path for path in columns if path.count("/") == 1]) >= len(value)
