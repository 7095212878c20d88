"""The strategies agree with the schemas: what they call valid is valid, what they call refused is refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatproof_conformance.generation import client_frames
from chatproof_conformance.generation.segmentation import cuts, pieces
from chatproof_conformance.generation.text import contents, invalid_names, name_cores
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameRefused, find_problems, read_frame


@given(contents(), name_cores())
def test_valid_texts_are_valid(content, core):
    assert not find_problems({"type": "message", "content": content}, Direction.CLIENT)
    assert not find_problems({"type": "join", "username": f"{core}-abc12345"}, Direction.CLIENT)
    assert len(f"{core}-abc12345") <= 32
    assert len(client_frames.encoded({"type": "message", "content": content})) <= CLIENT_FRAME_BYTES


@given(invalid_names())
def test_invalid_names_are_invalid(name):
    assert find_problems({"type": "join", "username": name}, Direction.CLIENT)


def test_invalid_names_reach_every_limit():
    reached = set()

    @settings(max_examples=300, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(invalid_names(), min_size=30, max_size=30))
    def collect(names):
        reached.update("".join(names), names)

    collect()
    assert {"", " ", "n" * 33, "\x00", "\x7f", "\x9f", "\u2028", "\u200b", "\ufeff"} <= reached


@given(st.one_of(client_frames.missing_or_wrong_types(), client_frames.broken_members("someone")))
def test_broken_messages_are_refused(message):
    assert find_problems(message, Direction.CLIENT)


@pytest.mark.parametrize(
    "frame",
    [
        *client_frames.NOT_JSON,
        *client_frames.NEAR_JSON,
        *client_frames.NOT_UTF8,
        *client_frames.LONE_SURROGATES,
        *client_frames.DUPLICATES,
        *client_frames.NOT_OBJECTS,
    ],
)
def test_frames_that_are_no_messages_are_refused(frame):
    with pytest.raises(FrameRefused):
        read_frame(frame, Direction.CLIENT)
    assert b"\n" not in frame


@settings(suppress_health_check=[HealthCheck.too_slow])  # that speaks of the machine
@given(client_frames.extra_members())
def test_extra_members_refuse_nothing(extra):
    assert not find_problems({"type": "message", "content": "x", **extra}, Direction.CLIENT)


@given(st.binary(min_size=2, max_size=50), cuts())
def test_pieces_are_the_whole(data, places):
    cut = pieces(data, places)
    assert b"".join(cut) == data
    assert all(cut)
    assert len(cut) > 1
