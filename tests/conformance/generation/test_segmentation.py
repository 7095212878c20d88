"""The pieces of a frame are the whole."""

from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.generation.segmentation import cuts, pieces


@given(st.binary(min_size=2, max_size=50), cuts())
def test_pieces_are_the_whole(data, places):
    cut = pieces(data, places)
    assert b"".join(cut) == data
    assert all(cut)
    assert len(cut) > 1
