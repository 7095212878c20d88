"""The thread that sends if no router does, and that retries those who are behind."""

import threading
from collections.abc import Callable

from chatproof_reference.server.backlog import Backlog

_RETRY_SECONDS = 0.005
_LONGEST_RETRY_SECONDS = 0.05


class Flusher:
    """Calls ``flush`` each time it is woken, and sends what waits for those who are behind as they take it.

    Attributes:
        thread: to be started when there is something to flush at all.
    """

    def __init__(self, flush: Callable[[], None], backlog: Backlog) -> None:
        self.thread = threading.Thread(target=self._run, name="chat-flusher", daemon=True)
        self._flush = flush
        self._backlog = backlog
        self._wake = threading.Event()
        self._is_stopped = False

    def wake(self) -> None:
        """Have it flush and retry soon; any thread may ask."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread, and wait until it has ended."""
        self._is_stopped = True
        self._wake.set()
        self.thread.join()

    def _run(self) -> None:
        pause = _RETRY_SECONDS
        while not self._is_stopped:
            self._wake.wait(pause if self._backlog else None)
            self._wake.clear()
            self._flush()
            pause = _RETRY_SECONDS if self._backlog.retry() else min(pause * 2, _LONGEST_RETRY_SECONDS)
