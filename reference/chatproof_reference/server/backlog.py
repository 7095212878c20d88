"""Those who are behind: what waits for them is sent as they take it, and who sends much is slowed to their pace.

The thread that sees to them is the one that sends if no router does.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from chatproof_reference.server.outbox import Outbox, Put

_PATIENCE_SECONDS = 3.0
"""How long one who is far behind is waited for before it has taken anything: a slow reader's window opens in jumps."""
_LEAST_BYTES_PER_SECOND = 32 * 1024
"""Who takes so much is waited for as long as it does."""
_UNPROVEN_PACE, _LEAST_PACE = 256 * 1024, 64 * 1024
"""Bytes a second that are sent at least beside one who has taken nothing yet, and one who has: nobody stops a flood
(LOAD-2)."""
_LEAST_UNREAD_BYTES = 65_536
"""LOAD-5: with less waiting nobody is dropped, however long it waits."""
_STEP_SECONDS = 0.01
_RETRIED_AT_ONCE = 16
_RETRY_SECONDS = 0.005
_LONGEST_RETRY_SECONDS = 0.05


@dataclass(slots=True)
class _Lag:
    """What is known of one who is behind.

    Attributes:
        taken: what it had taken when it was last looked at, in bytes.
        took_at: when it last took something.
        awaited_until: how long it is waited for; 0 until it is far behind.
        is_reading: whether it has taken anything since it fell behind.
    """

    taken: int
    took_at: float
    awaited_until: float = 0.0
    is_reading: bool = False


class Backlog:
    """The outboxes in which something waits. One thread retries; any may note and ease."""

    def __init__(self, outbox_bytes: int, unread_seconds: float) -> None:
        """Begin with none.

        Args:
            outbox_bytes: the bound of an outbox; from a quarter of it on its owner is far behind.
            unread_seconds: how long one may take nothing while much waits.
        """
        self._far_bytes = outbox_bytes // 4
        self._most_bytes = outbox_bytes // 2
        self._unread_seconds = unread_seconds
        self._relief = threading.Event()
        self._relief.set()
        self._bytes_per_second = 0.0
        self._new: deque[Outbox] = deque()
        self._behind: dict[Outbox, _Lag] = {}
        self._order: deque[Outbox] = deque()
        # Of the present round through them:
        self._retried, self._progress, self._slowest = 0, False, float("inf")

    def __bool__(self) -> bool:
        """Whether there is anything to retry, but what has been noted since the last time."""
        return bool(self._behind)

    def note(self, outbox: Outbox, outcome: Put) -> bool:
        """Take note of an outbox that could not send all at once; return whether it is new here."""
        if outcome is Put.FELL_BEHIND:
            self._new.append(outbox)
            return True
        if outcome is Put.STILL_BEHIND and outbox.pending > self._far_bytes and self._relief.is_set():
            self._slow_down(self._pace_of(outbox, time.monotonic()))  # at once: a flood is faster than the next retry
        return False

    def ease(self, public_bytes: int, is_over: Callable[[], bool]) -> None:
        """Wait while others who read are far behind, as long as what was just said takes at the slowest one's pace.

        One at a time may call it: so the pace is that of all who send much together. Who has stopped reading counts no
        more after a while: it slows nobody, and is dropped at its bound (LOAD-2).
        """
        while public_bytes > 0 and not self._relief.is_set() and not is_over():
            self._relief.wait(_STEP_SECONDS)
            public_bytes -= int(self._bytes_per_second * _STEP_SECONDS)

    def retry(self) -> bool:
        """Send more to some of those who are behind, in turn; return whether to do so again soon.

        Some only, however many they are: who waits for the thread that calls this is not behind.
        """
        now = time.monotonic()
        while self._new:
            outbox = self._new.popleft()
            self._behind[outbox] = _Lag(outbox.taken, now)
            self._order.append(outbox)
        for _ in range(min(_RETRIED_AT_ONCE, len(self._order))):
            self._retry_one(self._order.popleft(), now)
        if self._retried < len(self._order):
            return True
        goes_on, self._progress, self._retried = self._progress, False, 0
        self._slow_down(self._slowest)
        self._slowest = float("inf")
        return goes_on

    def _retry_one(self, outbox: Outbox, now: float) -> None:
        try:
            outcome = outbox.drain()
        except Exception as fault:  # noqa: BLE001  it may cost this connection, never the thread that retries
            outbox.fail(fault)
            outcome = Put.SENT
        self._progress = self._look_at(outbox, self._behind[outbox], now) or self._progress
        if outcome is not Put.STILL_BEHIND:
            del self._behind[outbox]
            return
        self._order.append(outbox)
        self._retried += 1
        if outbox.pending > self._far_bytes:
            self._slowest = min(self._slowest, self._pace_of(outbox, now))

    def _look_at(self, outbox: Outbox, lag: _Lag, now: float) -> bool:
        """Return whether one who is behind has taken something; drop it if it has not for too long."""
        taken, lag.taken = outbox.taken - lag.taken, outbox.taken
        if taken:
            lag.took_at = now
            earned = max(lag.awaited_until, now) + taken / _LEAST_BYTES_PER_SECOND
            lag.awaited_until = lag.awaited_until and min(earned, now + _PATIENCE_SECONDS)
            lag.is_reading = True
        elif outbox.pending > _LEAST_UNREAD_BYTES and now - lag.took_at > self._unread_seconds:
            outbox.give_up()
        return bool(taken)

    def _pace_of(self, outbox: Outbox, now: float) -> float:
        """Return how many bytes a second leave one who is far behind enough room; infinite if nobody waits for it."""
        lag = self._behind.get(outbox)
        if lag is None:
            return _UNPROVEN_PACE  # until the next retry
        lag.awaited_until = lag.awaited_until or now + _PATIENCE_SECONDS
        if (patience := lag.awaited_until - now) <= 0:
            return float("inf")
        least = _LEAST_PACE if lag.is_reading else _UNPROVEN_PACE
        return max(least, (self._most_bytes - outbox.pending) / patience)

    def _slow_down(self, bytes_per_second: float) -> None:
        if bytes_per_second == float("inf"):
            self._relief.set()
        else:
            self._bytes_per_second = bytes_per_second
            self._relief.clear()


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

    def stop(self, seconds: float) -> None:
        """End the thread, and wait until it has ended, for at most so many seconds."""
        self._is_stopped = True
        self._wake.set()
        self.thread.join(seconds)

    def _run(self) -> None:
        pause = _RETRY_SECONDS
        while not self._is_stopped:
            self._wake.wait(pause if self._backlog else None)
            self._wake.clear()
            self._flush()
            pause = _RETRY_SECONDS if self._backlog.retry() else min(pause * 2, _LONGEST_RETRY_SECONDS)
