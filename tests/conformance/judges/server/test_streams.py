"""What the judge finds in the frames of a stream alone."""

import pytest

from conformance.judges.server.written_history import assert_found

HISTORIES = [
    ("FRAME-1", "a< {'type':'system'}", "a< system welcome"),
    ("FRAME-7", "a>\n a< error no", "a>\n a> []\n a< error no"),
    ("FRAME-8", 'a< {"type":"system","message":"welcome"}', "a< system welcome"),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)
