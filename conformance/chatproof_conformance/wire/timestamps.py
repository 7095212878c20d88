"""Whether a timestamp of the protocol is the present moment, in whatever time zone the server lives (TIME-1)."""

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
