"""What the judge finds of the order of messages."""

import pytest

from conformance.judges.server.written_history import assert_found

HISTORIES = [
    (
        "ORDER-1",
        "a> say 1\n a> say 2\n a< says ann 1\n a< says ann 2\n b< says ann 2\n b< says ann 1",
        "a> say 1\n b> say 2\n a< says ann 1\n a< says bob 2\n b< says ann 1\n b< says bob 2",
    ),
    (
        "ORDER-3",
        "a> say 1\n b> say 2\n a< says ann 1\n a< says bob 2\n b< says bob 2\n b< says ann 1",
        "a> say 1\n b> tell ann 2\n a< says ann 1\n a< tells bob 2\n b< told ann 2\n b< says ann 1",
    ),
    (
        "ORDER-2",
        "b> say x\n b! reset\n a< system bob left the chat\n a< says bob x",
        "b> say x\n b! half_close\n a< says bob x\n a< system bob left the chat",
    ),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)
