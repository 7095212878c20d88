"""What the judge of servers makes of a client's frame: the same as the test vectors, which others use too."""

import pytest

from chatproof_conformance.judges.server.client_frames import read_client_frame
from chatproof_schemas import Direction, FrameVerdict, Level, requirements, vectors

VECTORS = [vector for vector in vectors() if vector.direction is Direction.CLIENT]


@pytest.mark.parametrize("family", sorted({vector.id.partition("/")[0] for vector in VECTORS}))
def test_it_agrees_with_the_vectors(family):
    own = [vector for vector in VECTORS if vector.id.startswith(f"{family}/")]
    assert {
        vector.id: reading for vector in own if not agrees(vector, reading := read_client_frame(vector.frame))
    } == {}


def agrees(vector, reading):
    if vector.verdicts == (FrameVerdict.VALID,):
        return reading.messages and not reading.refusable
    if requirements()[vector.requirement].level is Level.SHOULD:  # who takes a member twice may believe either
        return reading.refusable and reading.codes >= set(vector.codes)
    may_be_taken = FrameVerdict.VALID in vector.verdicts
    return bool(reading.messages) == may_be_taken and reading.refusable and reading.codes == set(vector.codes)


def test_only_one_byte_order_mark_may_be_ignored():
    frame = b'\xef\xbb\xbf{"type":"join","username":"a"}'
    assert read_client_frame(frame).messages
    assert not read_client_frame(b"\xef\xbb\xbf" + frame).messages
