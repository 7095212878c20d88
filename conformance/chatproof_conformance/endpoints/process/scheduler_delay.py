"""How busy the machine is that the harness and its target share: no target is to be blamed for that.

A thread sleeps for a moment again and again, and measures how much later than asked it wakes. On an idle machine that
is far below a millisecond; if many processes want each core, what the target does comes later by many times as much.
"""

import functools
import threading
import time

_MOMENT = 0.05
_REMEMBERED_SECONDS = 10.0
_REMEMBERED_MOMENTS = int(_REMEMBERED_SECONDS / _MOMENT)


class SchedulerDelayMonitor:
    """Measures in a daemon thread.

    Attributes:
        watched: set after the first measurement.
    """

    def __init__(self) -> None:
        """Start the thread."""
        self.watched = threading.Event()
        self._seen: tuple[tuple[float, float], ...] = ()  # replaced as a whole: other threads read it meanwhile
        threading.Thread(target=self._watch, name="scheduler-delay-monitor", daemon=True).start()

    @property
    def lateness(self) -> float:
        """The latest awakening of the last ten seconds, in seconds."""
        since = time.monotonic() - _REMEMBERED_SECONDS
        return max((late for at, late in self._seen if at > since), default=0.0)

    def _watch(self) -> None:
        while True:
            start = time.monotonic()
            time.sleep(_MOMENT)
            now = time.monotonic()
            self._seen = (*self._seen[-_REMEMBERED_MOMENTS:], (now, max(0.0, now - start - _MOMENT)))
            self.watched.set()


@functools.cache
def _monitor() -> SchedulerDelayMonitor:
    return SchedulerDelayMonitor()


def scheduler_delay() -> float:
    """Return by how many seconds the machine was late at worst in the last ten; the first call starts the monitor."""
    return _monitor().lateness
