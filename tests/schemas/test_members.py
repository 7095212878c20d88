"""The few rules that judge members say what a validator of any schema says: the same violations, in the same order."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chatproof_schemas import Direction, load_schema, message_types
from chatproof_schemas.decoding import FrameRefused, decode_frame
from chatproof_schemas.members import Violation, find_violations
from chatproof_schemas.schemas import resolved_schema
from chatproof_schemas.vector_data import vectors

KINDS = [(direction, name) for direction in Direction for name in message_types(direction)]
TIMES = ["14:30:25", "24:00:00", "14:30:25\n", "14:30:2\uff15", "1430:25", "00:00:00"]
NAMES = ["", "a", " a", "a ", " ", "a b", "\n", "a\u200b", "\x7f", "\u2028 ", "a" * 32, "a" * 33, "\u200b" * 40 + " "]
WORDS = ["username_taken", "no_such_code", "message", "\x00"]
VALUES = st.sampled_from([*TIMES, *NAMES, *WORDS, True, False, 0, 1, 1.0, -0.5, 10**30, None]) | st.text(max_size=4)


def of_a_validator(message, direction, name):
    """Return what jsonschema says: each missing member is an error of its own, and they are told of together."""
    found = []
    for error in Draft202012Validator(resolved_schema(direction, name)).iter_errors(message):
        member = error.absolute_path[0] if error.absolute_path else ""
        violation = Violation(member, error.validator, error.schema, error.instance)
        if violation not in found:
            found.append(violation)
    return tuple(found)


@st.composite
def messages(draw, direction, name):
    """Messages with any values, some members missing, some added."""
    schema = load_schema(f"{direction.value}/{name}")
    members = draw(st.permutations([*schema["properties"], "more"]))
    return {member: draw(VALUES) for member in members if draw(st.integers(0, 5))} | {"type": name}


@settings(max_examples=60)
@pytest.mark.parametrize(("direction", "name"), KINDS)
@given(data=st.data())
def test_generated_messages_break_the_same_rules(direction, name, data):
    message = data.draw(messages(direction, name))
    assert find_violations(message, direction, name) == of_a_validator(message, direction, name)


def test_the_messages_of_all_vectors_break_the_same_rules():
    compared = broken = 0
    for vector in vectors():
        try:
            message = decode_frame(vector.frame)
        except FrameRefused:
            continue
        if isinstance(message, dict) and (vector.direction, message.get("type")) in KINDS:
            found = find_violations(message, vector.direction, message["type"])
            if found is not None:
                assert found == of_a_validator(message, vector.direction, message["type"])
                compared, broken = compared + 1, broken + bool(found)
    assert compared > broken > 40


@pytest.mark.parametrize("value", [[], {}, ["x"], {"a": {}}])
def test_what_holds_values_is_left_to_a_validator(value):
    assert find_violations({"type": "message", "content": value}, Direction.CLIENT, "message") is None
    assert find_violations({"type": "message", "content": "x", "more": value}, Direction.CLIENT, "message") == ()


@pytest.mark.parametrize(
    ("member", "rules"),
    [
        ("content", {"type": "string", "format": "date"}),
        ("content", {"type": "integer"}),
        ("content", {"type": ["string", "boolean"]}),
        ("content", {"const": 1}),
        ("content", {"enum": ["a", 1]}),
        ("content", {"allOf": [{"not": {"contains": {}}}]}),
        (None, {"additionalProperties": False}),
        (None, {"minProperties": 3}),
    ],
)
def test_a_schema_with_other_rules_is_left_to_a_validator(monkeypatch, member, rules):
    schema = copy.deepcopy(resolved_schema(Direction.CLIENT, "message"))
    message = {"type": "message", "content": "x"}
    monkeypatch.setattr("chatproof_schemas.members.resolved_schema", lambda *_: schema)
    is_known = find_violations.__globals__["_is_known"]
    is_known.cache_clear()
    assert find_violations(message, Direction.CLIENT, "message") == ()
    (schema["properties"][member] if member else schema).update(rules)
    is_known.cache_clear()
    assert find_violations(message, Direction.CLIENT, "message") is None
    is_known.cache_clear()
