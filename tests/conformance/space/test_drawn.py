"""Drawn acts are lines, repeatable, mostly valid, and hold the words of their script."""

import pytest

from chatproof_conformance.space.drawn import drawn_acts
from chatproof_conformance.space.room import Room
from chatproof_schemas import Direction, FrameRefused, read_frame

OURS = "k7q2zd"


@pytest.fixture(scope="module")
def drawn():
    return drawn_acts(7, 200)


def test_acts_are_the_same_for_a_seed_and_others_for_another(drawn):
    labels = [one.label for one in drawn]
    assert len(set(labels)) == 200
    assert labels == [one.label for one in drawn_acts(7, 200)]
    assert labels != [one.label for one in drawn_acts(8, 200)]


def kind_of(frame):
    try:
        return read_frame(frame, Direction.CLIENT)["type"]
    except FrameRefused:
        return None


def test_frames_are_lines_of_both_kinds_and_join_nobody(drawn):
    room = Room(OURS, f"{OURS}own", (f"{OURS}ann", f"{OURS}ben"))
    frames = [one.write(room) for one in drawn]
    assert not any(b"\n" in frame for frame in frames)
    kinds = [kind_of(frame) for frame in frames]
    assert {*kinds} == {"message", "private_message", None}
    assert 0.3 < kinds.count(None) / len(kinds) < 0.7
    assert sum(OURS.encode() in frame for frame in frames) > 100


def test_acts_are_drawn_in_every_form(drawn):
    assert {"plain", "all escaped", "mutated", "junk", "CR before LF"} <= {one.spelling for one in drawn}
