"""What the judge finds of messages that are not delivered as they are meant."""

import pytest

from conformance.judges.server.written_history import assert_found

HISTORIES = [
    ("PUBLIC-1", "a> say hi\n a< says ann hi", "a> say hi\n a< says ann hi\n b< says ann hi"),
    ("PUBLIC-1", "a> say hi\n b< says ann hi", "a> say hi\n b< says ann hi\n a< says ann hi"),
    (
        "PUBLIC-1",
        "a> say hi\n a< says ann hi\n b< says ann hi\n b< says ann hi",
        "a> say hi\n a> say hi\n a< says ann hi\n a< says ann hi\n b< says ann hi\n b< says ann hi",
    ),
    ("PUBLIC-2", "a> say hi\n a< says ann hi\n b< says ann h1", "a> say hi\n a< says ann hi\n b< says ann hi"),
    (
        "PUBLIC-2",
        "a> say hi\n a< says ann hi\n b< says Ann hi",
        "a> say hi\n a< says ann hi\n b< says ann hi\n b< says Eve hi",
    ),
    ("PRIVATE-1", "a> tell bob x\n a< told bob x", "a> tell bob x\n a< told bob x\n b< tells ann x"),
    ("PRIVATE-1", "a> tell bob x\n a< untold bob x", "a> tell Bob x\n a< untold Bob x"),
    ("PRIVATE-3", "a> tell ann x\n a< told ann x", "a> tell ann x\n a< told ann x\n a< tells ann x"),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)
