"""What the judge finds of announcements."""

import pytest

from conformance.judges.server.written_history import TWO, assert_found, found

HISTORIES = [
    ("SERVER-1", "x! announce hello\n a< server hello", "x! announce hello\n a< server hello\n b< server hello"),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)


def test_what_cannot_be_read_may_be_the_announcement():
    assert found(TWO + "x! announce hello\n a< server hello\n b< {broken") == {"FRAME-1"}
