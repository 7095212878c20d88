"""Values are derived from the schemas, and agree with SPEC.md."""

import pytest

from chatproof_conformance.space.values import (
    CLIENT_TYPES,
    SERVER_TYPES,
    allowed_neighbours,
    forbidden_edges,
    forbidden_ranges,
    not_texts,
    valid,
)
from chatproof_schemas import Direction, find_problems


def problems_of(name):
    return find_problems({"type": "join", "username": name}, Direction.CLIENT)


def test_the_ranges_are_those_of_the_specification():
    assert forbidden_ranges() == (
        *((0x00, 0x1F), (0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x2028), (0x2029, 0x2029), (0x202A, 0x202E)),
        *((0x2060, 0x2069), (0xFEFF, 0xFEFF)),
    )


def test_edges_are_forbidden_and_neighbours_allowed_at_each_place():
    assert {"\0", "\x1f", "\x7f", "\x9f", "\u2029", "\u202a", "\ufeff"} < set(forbidden_edges())
    assert {"~", "\xa0", "\u200a", "\u2010", "\u2027", "\u202f", "\u206a", "\ufefe"} < set(allowed_neighbours())
    for place in ("%sb", "a%sb", "a%s"):
        assert all(problems_of(place % bad) for bad in forbidden_edges())
        assert not any(problems_of(place % good) for good in allowed_neighbours())


@pytest.mark.parametrize("kind", CLIENT_TYPES)
def test_each_type_has_a_valid_message_and_no_member_may_be_another_value(kind):
    assert not find_problems(valid(kind), Direction.CLIENT)
    for member, text in valid(kind).items():
        for value in not_texts(text).values():
            assert find_problems({**valid(kind), member: value}, Direction.CLIENT)


def test_types_of_servers_are_not_those_of_clients():
    assert set(SERVER_TYPES) == {"private_confirmation", "system", "server", "error"}
