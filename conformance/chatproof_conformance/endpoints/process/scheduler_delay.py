"""How strained the machine is that the harness and its target share: no target is to be blamed for that.

A thread sleeps for a moment again and again, and sees how much later than asked it wakes. On an idle machine that is
far below a millisecond; where many processes want each core, what the target does comes later by many times as much.
"""

import functools
import threading
import time

_MOMENT = 0.05
_REMEMBERED_SECONDS = 10.0
_REMEMBERED_MOMENTS = int(_REMEMBERED_SECONDS / _MOMENT)


class SchedulerDelayMonitor:
    """Watches, in a thread of its own that does not keep the process alive.

    Attributes:
        watched: set once it has seen something.
    """

    def __init__(self) -> None:
        """Begin to watch."""
        self.watched = threading.Event()
        self._seen: tuple[tuple[float, float], ...] = ()  # replaced as a whole: other threads read it meanwhile
        threading.Thread(target=self._watch, name="strain", daemon=True).start()

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
def _strain() -> SchedulerDelayMonitor:
    return SchedulerDelayMonitor()


def scheduler_delay() -> float:
    """Return how late the machine was at worst in the last ten seconds, in seconds; the first call begins to watch."""
    return _strain().lateness
