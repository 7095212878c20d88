"""What the judge finds of announcements."""

import pytest

from conformance.judges.server.written_history import assert_found

HISTORIES = [
    ("SERVER-1", "x! announce hello\n a< server hello", "x! announce hello\n a< server hello\n b< server hello"),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)
