"""Names are valid or not, as said; related ones are different users."""

import pytest

from chatproof_conformance.space.names import MEANINGFUL, invalid_names, related_names, valid_names
from chatproof_conformance.space.patterns import fill
from chatproof_conformance.space.room import Room
from chatproof_schemas import Direction, find_problems


@pytest.fixture
def room():
    return Room("k7q2zd", "k7q2zdown", ("k7q2zdann", "k7q2zdben"))


def is_name(name):
    return not find_problems({"type": "join", "username": name}, Direction.CLIENT)


def filled(patterns, room):
    return [fill(pattern.encode(), room).decode() for pattern in patterns]


def test_valid_names_are_valid_and_hold_a_word_and_some_are_the_longest(room):
    names = filled(valid_names(), room)
    assert all(map(is_name, names))
    assert len(set(names)) == len(names)
    assert all(room.token in name for name in names)
    assert {len(name[-1].encode()) for name in names if len(name) == 32} == {1, 2, 3, 4}


def test_meaningful_names_are_valid():
    assert all(map(is_name, MEANINGFUL))
    assert {"constructor", "__proto__", "$&", "%s", "null"} < set(MEANINGFUL)


def test_invalid_names_are_invalid_and_some_are_one_too_long(room):
    names = filled(invalid_names(), room)
    assert not any(map(is_name, names))
    assert {len(name[-1].encode()) for name in names if len(name) == 33} == {1, 2, 3, 4}


def test_related_names_are_different_users_of_one_room(room):
    groups = dict(related_names(room))
    everyone = [name for names in groups.values() for name in names]
    assert all(map(is_name, everyone))
    assert len(set(everyone)) == len(everyone)
    assert all(len(names) > 1 for names in groups.values())
    nfc, nfd = groups["composition"]
    assert (nfc[:-1], len(nfc) + 1) == (nfd[:-2], len(nfd))
    assert {name.casefold() for name in groups["case"]} == {groups["case"][0].casefold()}
