"""Whether a timestamp of the protocol is the present moment, in whatever time zone the server lives (TIME-1)."""

import time

TOLERANCE = 5
"""Seconds by which a server's clock may differ: SPEC.md says "a few"."""
_RESOLUTION = 1
"""A timestamp names a whole second, which a server may have rounded down or up."""
_ZONE_STEP = 900
"""Every time zone in use is a multiple of a quarter of an hour from UTC."""


def second_of_day(timestamp: object) -> int | None:
    """Return the time of day of a timestamp (HH:MM:SS) in seconds; None if it has another form."""
    if not isinstance(timestamp, str) or len(timestamp) != len("HH:MM:SS"):
        return None
    try:
        hours, minutes, seconds = map(int, timestamp.split(":"))
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds


def is_within(second: int, since: float, until: float) -> bool:
    """Return whether a second of the day may have been the server's time between two moments (since the epoch)."""
    slack = TOLERANCE + _RESOLUTION
    return (second - (since - slack)) % _ZONE_STEP <= until - since + 2 * slack


def is_now(timestamp: str, *, since: float | None = None) -> bool:
    """Return whether a valid timestamp (HH:MM:SS) is the present moment, or one between a past moment and now.

    Args:
        timestamp: as the server sent it.
        since: the moment (seconds since the epoch) at which nothing had arrived yet; now if left out.
    """
    second, now = second_of_day(timestamp), time.time()
    return second is not None and is_within(second, now if since is None else since, now)
