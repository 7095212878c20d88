"""What counts as missing, in recordings that are settled and that are not."""

import pytest

from conformance.judges.server.written_history import TWO, found


@pytest.mark.parametrize(
    "lost", ["a> say hi\n a< says ann hi", "a> tell bob x\n a< told bob x", "a> nonsense", "b! half_close"]
)
def test_what_lacks_at_the_end_of_a_recording_that_is_not_settled_is_no_finding(lost):
    assert found(TWO + lost, settled=False) == set()


def test_what_lacks_before_something_later_of_the_same_sender_is_lost_in_any_recording():
    text = "a> say 1\n a> say 2\n a< says ann 1\n a< says ann 2\n b< says ann 2"
    assert found(TWO + text, settled=False) == {"PUBLIC-1"}
