"""What the judge finds of timestamps."""

import pytest

from conformance.judges.server.written_history import assert_found

HISTORIES = [
    (
        "TIME-1",
        'a> say x\n b< says ann x\n a< {"type":"message","username":"ann","content":"x","timestamp":"12:07:00"}',
        "a> say x\n b< says ann x\n a< says ann x",
    ),
    (
        "TIME-1",
        'x! announce x\n b< server x\n a< {"type":"server","message":"x","timestamp":"12:07:00"}',
        "x! announce x\n b< server x\n a< server x",
    ),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)
