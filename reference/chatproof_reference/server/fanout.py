"""Sends what is routed: one lock fixes the order, and one thread at a time sends.

Routing appends to a shared batch under the lock and never sends there. Whoever routes while nobody is sending sends
that batch itself, once: with one message in flight no thread is woken. What was routed meanwhile goes to the flusher,
which sends batch after batch until none is left. So two batches are never sent at once, and no wake-up can be lost:
who sends is decided under the lock that guards the batch.
"""

import threading
from collections import deque
from types import TracebackType

from chatproof_reference.server.batch import Batch
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.outbox import Put

_BATCH_BYTES = 128 * 1024
"""Routing waits while more than this is unsent, so that one batch cannot overflow the outbox of a client that reads."""

_RETRY_SECONDS = 0.005
_LONGEST_RETRY_SECONDS = 0.05


class FanOut:
    """The one place where frames are ordered and sent; enter it to route."""

    def __init__(self) -> None:
        """Begin with no members; :meth:`start` starts the flusher."""
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._batch = Batch()
        self._members: dict[Connection, None] = {}
        self._recipients: tuple[Connection, ...] | None = ()
        self._is_sending = False
        self._handed_over = False
        self._newly_behind: deque[Connection] = deque()
        self._behind: set[Connection] = set()  # the flusher's own
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
        for connection, chunk, count in batch.chunks(members):
            connection.messages_out += count
            self.deliveries += count
            self._note(connection, connection.outbox.put(chunk))
        for connection in batch.ending:
            connection.outbox.end()

    def _note(self, connection: Connection, outcome: Put) -> None:
        if outcome is Put.OVERFLOWED:
            connection.ended_because = connection.ended_because or "it stopped reading"
        elif outcome is Put.FELL_BEHIND:
            self._newly_behind.append(connection)
            self._wake.set()

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
        while self._newly_behind:
            self._behind.add(self._newly_behind.popleft())
        progress = False
        for connection in tuple(self._behind):
            before = connection.outbox.pending
            outcome = connection.outbox.drain()
            self._note(connection, outcome)
            progress = progress or connection.outbox.pending < before
            if outcome is not Put.STILL_BEHIND:
                self._behind.remove(connection)
        return progress
