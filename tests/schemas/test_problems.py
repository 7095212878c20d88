"""What is said of an invalid message: exact, short, and harmless to a terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_schemas import Direction, find_problems

NAME = "a string of 1 to 32 code points, no control or invisible formatting characters, no space at either end"

NO_CONTROLS = "no control characters, no line or paragraph separators"


def said(message, direction=Direction.CLIENT):
    return [str(problem) for problem in find_problems(message, direction)]


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("a" * 33, "is 33 code points long; expected 1 to 32 code points"),
        ("", "is empty; expected 1 to 32 code points"),
        ("ab\u200b", "has U+200B (ZERO WIDTH SPACE) at position 3; expected no invisible formatting characters"),
        (
            "\x1b[2J",
            "has U+001B (ESCAPE) at position 1; expected no control characters, no line or paragraph separators",
        ),
        ("a ", "has U+0020 (SPACE) at position 2; expected no space at the beginning or the end"),
        (7, f"is a number; expected {NAME}"),
        (None, f"is null; expected {NAME}"),
    ],
)
def test_names(username, words):
    assert said({"type": "join", "username": username}) == [f"/username: {words}"]


def test_each_thing_that_is_wrong_is_told_once():
    message = {"type": "message", "username": "a\n" + "b" * 40, "timestamp": "2026-01-31 14:30:25"}
    assert said(message, Direction.SERVER) == [
        "/username: is 42 code points long; expected 1 to 32 code points",
        f"/username: has U+000A (LINE FEED) at position 2; expected {NO_CONTROLS}",
        '/timestamp: is "2026-01-31 14:30:25"; expected a time as HH:MM:SS in 24 hours, such as 14:30:25',
        "/content: is missing; expected a string of at least 1 code point",
    ]


def test_a_type_of_the_other_direction_is_recognised():
    assert said({"type": "system"}) == [
        '/type: is "system", which only a server sends; expected one of join, message, private_message'
    ]


def test_all_missing_members_are_told():
    assert [problem.path for problem in find_problems({"type": "private_message"}, Direction.CLIENT)] == [
        "/target",
        "/content",
    ]


def test_deep_nesting_where_a_string_belongs_is_a_problem_and_no_crash():
    nested = "x"
    for _ in range(100_000):
        nested = [nested]
    (problem,) = find_problems({"type": "message", "content": nested}, Direction.CLIENT)
    assert problem.code == "invalid_message"


VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=3)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["join", "message", "private_message", "private_confirmation", "system", "error"])},
        optional=dict.fromkeys(["username", "content", "target", "timestamp", "delivered", "message", "code"], VALUES),
    )
    | st.dictionaries(st.text(), VALUES)
    | VALUES,
    st.sampled_from(Direction),
)
def test_every_text_is_short_and_printable(message, direction):
    for text in said(message, direction):
        assert text.isprintable()
        assert len(text) < 300


def test_a_long_value_is_shortened():
    (text,) = said({"type": "x" * 1000})
    assert len(text) < 150
    json.loads(text[text.index('"') : text.rindex('"') + 1])
