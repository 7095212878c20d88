"""Sends what is routed: one lock fixes the order, and one thread at a time sends.

Routing appends to a shared batch under the lock and never sends there. Whoever routes while nobody is sending sends
that batch itself, once: with one message in flight no thread is woken. What was routed meanwhile goes to the flusher,
which sends batch after batch until none is left. So two batches are never sent at once, and no wake-up can be lost:
who sends is decided under the lock that guards the batch.
"""

import threading
import time
from collections import deque
from types import TracebackType

from chatproof_reference.server.batch import Batch
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.outbox import Put

_BATCH_BYTES = 128 * 1024
"""Routing waits while more than this is unsent, so that one batch cannot overflow the outbox of a client that reads."""

_EASED_BYTES_PER_SECOND = 256 * 1024
_STOPPED_SECONDS = 1.0
_RETRY_SECONDS = 0.005
_LONGEST_RETRY_SECONDS = 0.05


class FanOut:
    """The one place where frames are ordered and sent; enter it to route."""

    def __init__(self, congestion_bytes: int) -> None:
        """Begin with no members; :meth:`start` starts the flusher.

        While somebody who reads is more than ``congestion_bytes`` behind, :meth:`ease` slows those who send.
        """
        self._congestion_bytes = congestion_bytes
        self._relief = threading.Event()
        self._relief.set()
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._batch = Batch()
        self._members: dict[Connection, None] = {}
        self._recipients: tuple[Connection, ...] | None = ()
        self._is_sending = False
        self._handed_over = False
        self._newly_behind: deque[Connection] = deque()
        self._behind: dict[Connection, float] = {}  # the flusher's own: when each last took something
        self._wake = threading.Event()
        self._closed = False
        self._flusher = threading.Thread(target=self._run, name="chat-flusher", daemon=True)
        self.deliveries = 0

    def start(self) -> None:
        """Start the flusher.

        Raises:
            RuntimeError: where the system has no thread left.
        """
        self._flusher.start()

    def close(self) -> None:
        """Stop the flusher, once nothing more will be routed."""
        self._closed = True
        self._wake.set()
        self._flusher.join()

    def __enter__(self) -> Batch:
        """Take the lock and return the batch to append to."""
        self._lock.acquire()
        while self._batch.size > _BATCH_BYTES:
            self._room.wait()
        return self._batch

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock, then send, unless somebody is sending already."""
        sends = not self._is_sending and bool(self._batch)
        if sends:
            self._is_sending = True
        self._lock.release()
        if sends:
            self._flush()
            self._hand_over()

    def ease(self, received_bytes: int) -> None:
        """Wait a moment, in proportion to what a client has just sent, while others who read are far behind.

        So a flood is read at 256 KiB a second then, and a message typed by hand is delayed by less than a millisecond.
        Who has stopped reading counts no more after a second: it slows nobody, and is dropped at its bound (LOAD-2).
        """
        if received_bytes and not self._relief.is_set():
            self._relief.wait(received_bytes / _EASED_BYTES_PER_SECOND)

    def admit(self, connection: Connection) -> None:
        """Make a connection a member; the caller holds the lock."""
        self._members[connection] = None
        self._recipients = None
        self._batch.admit(connection)

    def dismiss(self, connection: Connection) -> None:
        """End a connection's membership; the caller holds the lock."""
        del self._members[connection]
        self._recipients = None
        self._batch.dismiss(connection)

    def _hand_over(self) -> None:
        with self._lock:
            if not self._batch:
                self._is_sending = False
                return
            self._handed_over = True
        self._wake.set()

    def _flush(self) -> None:
        with self._lock:
            batch, self._batch = self._batch, Batch()
            if self._recipients is None:
                self._recipients = tuple(self._members)
            members = self._recipients
            self._room.notify_all()
        deliveries = 0
        for connection, chunk, count in batch.chunks(members):
            connection.messages_out += count
            deliveries += count
            if (outcome := connection.outbox.put(chunk)) is not Put.SENT:
                self._note(connection, outcome)
        self.deliveries += deliveries
        for connection in batch.ending:
            connection.outbox.end()

    def _note(self, connection: Connection, outcome: Put) -> None:
        if outcome is Put.FELL_BEHIND:
            self._newly_behind.append(connection)
            self._wake.set()
        elif outcome is Put.STILL_BEHIND and self._holds_up(connection, time.monotonic()):
            self._relief.clear()  # at once: a flood would fill the outbox before the flusher looks again

    def _holds_up(self, connection: Connection, now: float) -> bool:
        """Whether a client that is behind is one to wait for: far behind, and reading."""
        is_far = connection.outbox.pending > self._congestion_bytes
        return is_far and now - self._behind.get(connection, now) < _STOPPED_SECONDS

    def _run(self) -> None:
        pause = _RETRY_SECONDS
        while not self._closed:
            self._wake.wait(pause if self._behind else None)
            self._wake.clear()
            while self._takes_turn():
                self._flush()
                self._retry()
            pause = _RETRY_SECONDS if self._retry() else min(pause * 2, _LONGEST_RETRY_SECONDS)

    def _takes_turn(self) -> bool:
        with self._lock:
            if self._handed_over and not self._batch:
                self._handed_over = self._is_sending = False
            return self._handed_over

    def _retry(self) -> bool:
        """Send more to those who are behind; say whether any of them took something."""
        now = time.monotonic()
        while self._newly_behind:
            self._behind[self._newly_behind.popleft()] = now
        progress = congested = False
        for connection in tuple(self._behind):
            before = connection.outbox.pending
            outcome = connection.outbox.drain()
            if connection.outbox.pending < before:
                progress = True
                self._behind[connection] = now
            if outcome is not Put.STILL_BEHIND:
                del self._behind[connection]
            else:
                congested = congested or self._holds_up(connection, now)
        if not congested:
            self._relief.set()
        return progress
