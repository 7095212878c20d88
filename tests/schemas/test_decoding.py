"""Strict decoding: what it takes is JSON, what it refuses it explains, and nothing else comes out of it."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.diagnosis import find_fault, member_columns

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))
# Pieces that make near-JSON likely.
PIECES = st.sampled_from(
    [*'{}[]:,"\\', "'", "//", "NaN", "-", "0", "1", ".", "e", "+", "true", "nul", "a", '"a":', '"b"']
)
PIECES |= st.sampled_from([" ", "\t", "\r", "\u00a0", "\ufeff", "\x00", "\\u12", "\\ud83d", "\\ude00", "\\n", "é"])
NEAR_JSON = st.lists(PIECES, max_size=12).map("".join)


def is_strict_json(text):
    """Tell what the standard library and two checks of its result say, with none of the code under test."""

    def pairs(members):
        names = [name for name, _ in members]
        assert len(set(names)) == len(names)
        return dict(members)

    def refuse(constant):
        raise ValueError(constant)

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, AssertionError):
        return False
    return not text.startswith("\ufeff")


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_takes_every_json_value(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert decode_frame(text.encode()) == value
    assert find_fault(text) is None


@given(st.binary(max_size=40) | NEAR_JSON.map(str.encode))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"1" * 10_000)
@example(b"-" + b"1" * 10_000)
def test_refuses_in_one_way_only(frame):
    try:
        decode_frame(frame)
    except FrameRefused as refusal:
        (problem,) = refusal.problems
        assert problem.code == "malformed_json"
        assert str(problem).isprintable()
        assert len(str(problem)) < 400


@given(NEAR_JSON)
@example('{"a":"\\ud83d\\ude00"}')
@example('{"a":1,"\\u0061":2}')
def test_the_parser_and_the_diagnosis_agree(text):
    fault = find_fault(text)
    assert (fault is None) == is_strict_json(text)
    if fault:
        assert 1 <= fault.column <= len(text) + 1
        with pytest.raises(FrameRefused):
            decode_frame(text.encode())


MEMBER_NAMES = st.sampled_from(['"a"', '"b"', '""', '"/~"', '"\\u0061"', "a"])
MEMBER_VALUES = st.sampled_from(
    ['""', '"x\\n\\u00e9"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\q"', "true", "nul", "-1", '"\t"']
)
MEMBER_VALUES |= st.sampled_from(['{"a":"x","b":[{"a":"y","a":"z"}]}', '{"c":"","d":null,}', '[{"a":"","b":1}]'])
MEMBERS = st.lists(st.builds("{} :{}".format, MEMBER_NAMES, MEMBER_VALUES), max_size=4)
OBJECTS = st.builds(
    lambda members, comma, end: "{" + comma.join(members) + end,
    MEMBERS,
    st.sampled_from([",", " , ", "", ",,"]),
    st.sampled_from(["}", "", ",}", "}x", "]"]),
)


@given(OBJECTS)
@example('{"a":"x","b" : "y" , "c":"z","a":""}')
def test_members_that_are_skipped_change_nothing(text):
    quickly = find_fault(text)
    columns = None if quickly else member_columns(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatproof_schemas.diagnosis._Scanner._skip_members", lambda *_: None)
        assert find_fault(text) == quickly
        assert columns is None or list(columns.items()) == list(member_columns(text).items())


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (
            b'{"a":NaN}',
            "/a at column 6: has NaN, which is no JSON value; expected a finite number, true, false or null",
        ),
        (b'{"a":1,}', "message at column 7: has a trailing comma; expected no comma before }"),
        (b"{'a':1}", "message at column 2: has single quotes; expected strings in double quotes"),
        (b'{"a":1} x', "message at column 9: has text after its end, from U+0078 (LATIN SMALL LETTER X) on;"),
        (b'{"a":012}', "/a at column 6: has 012, which is no JSON number; expected no leading zero"),
        ("{é:1}".encode(), "message at column 2: has the member name é without quotes; expected double quotes"),
        ('"é'.encode() + b'\xff"', "message at column 3: has the byte 0xFF, which is not UTF-8 here; expected UTF-8"),
        (b'{"a":"\t"}', r"/a at column 7: has a raw U+0009 (TAB) inside a string; expected the escape \t"),
        (b'{"a":1,"\\u0061":2}', 'message at column 8: has the member name "a" twice; expected each member name once'),
        (b'{"a":["\\udc00"]}', "/a/0 at column 8: has the lone surrogate U+DC00; expected surrogates in pairs"),
        (b'{"a":1', "message at column 7: ends inside an object; expected a closing }"),
        (b"hello", "message at column 1: has hello; expected one JSON object"),
        (b'{"a":1 // b', "message at column 8: has a comment; expected no comments: JSON has none"),
    ],
)
def test_says_where_and_why(frame, words):
    with pytest.raises(FrameRefused) as refused:
        decode_frame(frame)
    assert str(refused.value).startswith(words)
