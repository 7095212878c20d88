"""The seconds that a timestamp may be off, in any time zone."""

import time

from chatproof_conformance.wire.timestamps import is_within, second_of_day


def is_now(seconds):
    """Whether a clock that is so many seconds ahead shows the present moment."""
    now = time.time()
    return is_within(second_of_day(time.strftime("%H:%M:%S", time.gmtime(now + seconds))), now, now)


def test_any_time_zone_is_now():
    for quarters in range(-48, 57):
        assert is_now(900 * quarters)


def test_a_clock_a_minute_off_is_not_now():
    for seconds in (-60, -10, 10, 60):
        assert not is_now(seconds)


def test_a_clock_five_seconds_off_is_within_whichever_way_it_rounds():
    since, until = 36_000.9, 36_002.1
    assert [second for second in range(35_900, 36_100) if is_within(second, since, until)] == [*range(35_995, 36_009)]
    assert second_of_day("10:00:07") == 36_007
    assert second_of_day("10:00") is second_of_day("a0:00:00") is second_of_day(5) is None
