"""Whether a timestamp of the protocol tells the present moment, in whatever time zone the server lives (TIME-1)."""

import time

_TOLERANCE = 5.0
_ZONE_STEP = 900
"""Every time zone in use is a multiple of a quarter of an hour from UTC."""


def is_now(timestamp: str, *, since: float | None = None) -> bool:
    """Return whether a valid timestamp (HH:MM:SS) lies within seconds of now, or between a past moment and now.

    Args:
        timestamp: as the server sent it.
        since: the moment (seconds since the epoch) at which nothing had arrived yet; now where left out.
    """
    hours, minutes, seconds = map(int, timestamp.split(":"))
    now = time.time()
    # How far behind the clock is, in whatever zone; a clock that is ahead shows as nearly a whole step behind.
    behind = (now - (3600 * hours + 60 * minutes + seconds)) % _ZONE_STEP
    return behind <= _TOLERANCE + now - (since or now) or behind >= _ZONE_STEP - _TOLERANCE
