"""The strategies for frames agree with the schemas: what they call refused is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.generation import client_frames
from chatproof_schemas import Direction, FrameRefused, find_problems, read_frame


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


@given(client_frames.extra_members())
def test_extra_members_refuse_nothing(extra):
    assert not find_problems({"type": "message", "content": "x", **extra}, Direction.CLIENT)
