"""Those who are behind: what waits for them is sent as they take it, and while it is much, who sends much is slowed.

The thread that sees to them is the one that sends if no router does.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from chatproof_reference.server.outbox import Outbox, Put

_EASED_BYTES_PER_SECOND = 256 * 1024
_STOPPED_SECONDS = 1.0
_RETRY_SECONDS = 0.005
_LONGEST_RETRY_SECONDS = 0.05


class Backlog:
    """The outboxes in which something waits. One thread retries; any may note and ease."""

    def __init__(self, congestion_bytes: int) -> None:
        """Begin with none; who reads and is more than ``congestion_bytes`` behind slows those who send."""
        self._congestion_bytes = congestion_bytes
        self._relief = threading.Event()
        self._relief.set()
        self._new: deque[Outbox] = deque()
        self._behind: dict[Outbox, float] = {}  # of the thread that retries: when each last took something

    def __bool__(self) -> bool:
        """Whether there is anything to retry, but what has been noted since the last time."""
        return bool(self._behind)

    def note(self, outbox: Outbox, outcome: Put) -> bool:
        """Take note of an outbox that could not send all at once; return whether it is new here."""
        if outcome is Put.FELL_BEHIND:
            self._new.append(outbox)
            return True
        if outcome is Put.STILL_BEHIND and self._holds_up(outbox, time.monotonic()):
            self._relief.clear()  # at once: a flood would fill the outbox before the next retry
        return False

    def ease(self, received_bytes: int) -> None:
        """Wait a moment, in proportion to what a client has just sent, while others who read are far behind.

        So a flood is read at 256 KiB a second then, and a message typed by hand is delayed by less than a millisecond.
        Who has stopped reading counts no more after a second: it slows nobody, and is dropped at its bound (LOAD-2).
        """
        if received_bytes and not self._relief.is_set():
            self._relief.wait(received_bytes / _EASED_BYTES_PER_SECOND)

    def retry(self) -> bool:
        """Send more to those who are behind; return whether any of them took something."""
        now = time.monotonic()
        while self._new:
            self._behind[self._new.popleft()] = now
        progress = congested = False
        for outbox in tuple(self._behind):
            before = outbox.pending
            try:
                outcome = outbox.drain()
            except Exception as fault:  # noqa: BLE001  it may cost this connection, never the thread that retries
                outbox.fail(fault)
                outcome = Put.SENT
            if outbox.pending < before:
                progress = True
                self._behind[outbox] = now
            if outcome is not Put.STILL_BEHIND:
                del self._behind[outbox]
            else:
                congested = congested or self._holds_up(outbox, now)
        if not congested:
            self._relief.set()
        return progress

    def _holds_up(self, outbox: Outbox, now: float) -> bool:
        """Whether a client that is behind is one to wait for: far behind, and reading."""
        is_far = outbox.pending > self._congestion_bytes
        return is_far and now - self._behind.get(outbox, now) < _STOPPED_SECONDS


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
