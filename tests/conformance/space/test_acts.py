"""Acts are what their kind says, for any people of a script; nothing of the schemas is left out."""

import random
import re

import pytest

from chatproof_conformance.space.acts import acts, one_of_each
from chatproof_conformance.space.joins import join_acts
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.values import CLIENT_TYPES, SERVER_TYPES, not_texts, valid
from chatproof_schemas import Direction, FrameRefused, read_frame, vectors

OURS = "k7q2zd"
VALID = ("public", "private", "targets", "spellings", "added members", "deep and huge", "sizes")
SOME_VALID = ("second joins", "vectors")


@pytest.fixture
def room():
    return Room(OURS, f"{OURS}own", (f"{OURS}ann", f"{OURS}ben"))


def message_of(frame):
    try:
        return read_frame(frame, Direction.CLIENT)
    except FrameRefused:
        return None


def every_act():
    return [one for kinds in (acts(), join_acts()) for ones in kinds.values() for one in ones]


@pytest.mark.parametrize("kind", acts())
def test_acts_are_valid_where_their_kind_says_so(kind, room):
    found = [message_of(one.write(room)) is not None for one in acts()[kind]]
    if kind not in SOME_VALID:
        assert set(found) == {kind in VALID}


@pytest.mark.parametrize("kind", join_acts())
def test_joins_are_valid_where_their_kind_says_so(kind, room):
    messages = [message_of(one.write(room)) for one in join_acts()[kind]]
    if kind in ("invalid", "refused"):
        assert not any(messages)
    else:
        names = [message["username"] for message in messages]
        assert len(set(names)) == len(names)
        assert kind == "meaningful" or all(OURS in name for name in names)


def test_no_act_but_a_second_join_joins(room):
    messages = [message_of(one.write(room)) for kind, ones in acts().items() if kind != "second joins" for one in ones]
    assert "join" not in {message["type"] for message in messages if message}


def test_frames_are_lines_and_new_each_time(room):
    for one in every_act():
        first, second = one.write(room), one.write(room)
        assert b"\n" not in first
        assert len(first) <= 65_001
        assert (f"{OURS}w".encode() not in first) or first != second


def test_labels_are_unique_and_the_same_for_all_people():
    for kinds in (acts(), join_acts()):
        labels = [one.label for ones in kinds.values() for one in ones]
        assert len(set(labels)) == len(labels)
        assert not any(OURS in label for label in labels)


@pytest.mark.parametrize("size", [1023, 1024, 1025])
@pytest.mark.parametrize("kind", ["message", "private_message"])
def test_frames_of_each_size_are_written_in_characters_of_each_length(kind, size, room):
    sized = [one for ones in acts().values() for one in ones if one.type == kind and f"{size} bytes in" in one.value]
    assert len(sized) == 7
    assert {len(one.write(room)) for one in sized} == {size}


def test_each_member_has_each_wrong_value(room):
    wrong = {(one.type, one.member, one.value) for one in acts()["wrong members"]}
    for kind in CLIENT_TYPES:
        for member in valid(kind).keys() - {"type"}:
            assert {(kind, member, value) for value in (*not_texts(""), "missing")} <= wrong
    assert {one.type for one in acts()["server types"]} >= set(SERVER_TYPES)


def test_every_vector_of_a_client_is_there_or_another_act_writes_the_same(room):
    written = {re.sub(rb"k7q2zd\w+", b"W", one.write(room)) for ones in acts().values() for one in ones}
    labels = {one.value for ones in acts().values() for one in ones}
    of_clients = [vector for vector in vectors() if vector.direction is Direction.CLIENT]
    people = rb"\b(hi|Hello \w+!|user123|bob|recipient_username)"
    assert [
        vector.id
        for vector in of_clients
        if vector.id not in labels and re.sub(people, b"W", vector.frame) not in written
    ] == [
        "client-frame/bytes-1025-white-space",
        "client-frame/bytes-1025-cr",
        "client-frame/bytes-1024-valid-at-the-start",
    ]


def test_one_of_each_keeps_every_value_under_one_type():
    chosen = one_of_each(acts()["public"] + acts()["private"], random.Random(1))
    assert {one.type for one in chosen} == {"message", "private_message"}
    assert {one.value for one in chosen} == {one.value for one in acts()["public"] + acts()["private"]}
    assert len(chosen) < 0.6 * (len(acts()["public"]) + len(acts()["private"]))
