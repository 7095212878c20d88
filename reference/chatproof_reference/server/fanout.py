"""Sends what is routed: one lock fixes the order, and one thread at a time has the turn to send (:mod:`.turn`).

Routing appends to a shared batch under the lock and never sends there. A batch of nothing but public frames goes round
in the ring, where the next one may join it. Any other, with answers to single clients, joins or leaves, waits until the
ring is empty, and is sent by itself.
"""

import threading
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType

from chatproof_reference.server.backlog import Backlog, Flusher
from chatproof_reference.server.batch import Batch
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.outbox import Outbox, put_to_each
from chatproof_reference.server.ring import Ring
from chatproof_reference.server.turn import FLUSHER, NOBODY, ROUTER, Holder, Turn

_MOST_BATCH_BYTES = 128 * 1024
_BATCHES_IN_AN_OUTBOX = 8
"""Routing waits while more than this part is unsent, so that a batch cannot overflow the outbox of one who reads."""

_NO_MEMORY_SECONDS = 0.01
_SENT_STEPS, _SENT_STEP_SECONDS = 20, 0.0005

_JOIN_BYTES = 16 * 1024
"""What joins the ring while it goes round: more at once is worth its own round, with fewer and larger sends."""


class FanOut:
    """The one place where frames are ordered and sent; enter it to route."""

    def __init__(self, outbox_bytes: int, unread_seconds: float) -> None:
        """Begin with no members; :meth:`start` starts the flusher. See :class:`Backlog` for the bounds."""
        self.backlog = Backlog(outbox_bytes, unread_seconds)
        self._batch_bytes = min(_MOST_BATCH_BYTES, outbox_bytes // _BATCHES_IN_AN_OUTBOX)
        self.deliveries = 0
        """Frames handed to clients, each recipient counted."""
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._turn = Turn()
        self._batch = Batch()
        self._members: dict[Connection, Outbox] = {}
        self._taken = Batch()
        self._ring = Ring()
        self._to_close: list[Outbox] = []
        self._flusher = Flusher(self._flush, self.backlog)

    def start(self) -> None:
        """Start the flusher.

        Raises:
            RuntimeError: if the system has no thread left.
        """
        self._flusher.thread.start()

    def close(self, seconds: float) -> None:
        """Stop the flusher, once nothing more will be routed; wait for its end for at most so many seconds."""
        self._flusher.stop(seconds)
        for outbox in self._to_close:
            outbox.close()

    def __enter__(self) -> Batch:
        """Take the lock and return the batch to append to."""
        self._lock.acquire()
        while self._batch.size > self._batch_bytes:
            self._wait_for_room()
        return self._batch

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock; then send, if nobody is sending and it is quiet."""
        holder = self._turn.take() if self._turn.holder is NOBODY and self._batch else NOBODY
        self._lock.release()
        if holder is ROUTER:
            holder = self._send_until_more_comes()
        if holder is FLUSHER:
            self._flusher.wake()

    def wait_until_sent(self) -> None:
        """Wait until nobody sends, for at most some milliseconds.

        Each send gives the interpreter to whoever computes: so to compute meanwhile makes sending to many slow.
        """
        for _ in range(_SENT_STEPS):
            if self._turn.holder is NOBODY:
                return
            time.sleep(_SENT_STEP_SECONDS)

    def admit(self, connection: Connection) -> None:
        """Make a connection a member; the caller holds the lock."""
        self._members[connection] = connection.outbox
        self._ring.is_current = False
        self._batch.admit(connection)

    def dismiss(self, connection: Connection) -> None:
        """End a connection's membership; the caller holds the lock."""
        del self._members[connection]
        self._ring.is_current = False
        self._batch.dismiss(connection)

    def release(self, outbox: Outbox) -> None:
        """Close an outbox to which nothing is routed any more: now, or once whoever has the turn is through with it."""
        with self._lock:
            if self._turn.holder is not NOBODY:
                self._to_close.append(outbox)
                return
        outbox.close()

    def _wait_for_room(self) -> None:
        try:
            self._room.wait()
        except (RuntimeError, MemoryError):  # no memory to wait with: the lock is still held
            self._lock.release()
            time.sleep(_NO_MEMORY_SECONDS)
            self._lock.acquire()

    def _send_until_more_comes(self) -> Holder:
        """Send what is there, as the router; return who has the turn then: the flusher, if more has come."""
        self._send_some()
        while self._ring and not self._batch:
            self._send_some()
        with self._lock:
            return self._turn.pass_on(more=self._has_more())

    def _flush(self) -> None:
        """Send until nothing is left, if the flusher has the turn."""
        while self._flusher_goes_on():
            self._send_some()
            if self._ring.begins_round:
                self.backlog.retry()

    def _flusher_goes_on(self) -> bool:
        with self._lock:
            has_turn = self._turn.holder is FLUSHER
            return has_turn and self._turn.pass_on(more=self._has_more()) is FLUSHER

    def _has_more(self) -> bool:
        return bool(self._batch or self._ring or self._to_close)

    def _send_some(self) -> None:
        """Send one batch by itself, or to one more block of the ring."""
        try:
            if self._batch or not self._ring:
                self._begin_more()
            if self._ring:
                self._put(*self._ring.next_block())
        except Exception as fault:  # noqa: BLE001  a fault of ours must not keep the turn: nobody could say anything more
            self._fail(fault)

    def _fail(self, fault: Exception) -> None:
        """Cut everyone who may miss something of what is under way: to end is better than not to know."""
        with self._lock:
            served = {*self._members, *self._taken.singled_out, *self._taken.ending}
            outboxes = {*self._ring.recipients, *(connection.outbox for connection in served)}
            self._ring = Ring()
        for outbox in outboxes:
            outbox.fail(fault)

    def _begin_more(self) -> None:
        to_close: list[Outbox] = []
        with self._lock:
            if not self._ring:
                to_close, self._to_close = self._to_close, to_close
            batch = self._take()
            is_public = batch is not None and batch.is_public
            singled_out = frozenset() if batch is None or is_public else batch.singled_out
            others = [] if batch is None or is_public else self._members_but(singled_out)
        try:
            if batch and is_public:
                self._ring.take(*batch.public_chunk())
            elif batch:
                self._send_by_itself(batch, singled_out, others)
        finally:
            for outbox in to_close:
                outbox.close()

    def _take(self) -> Batch | None:
        """Take what is routed, if it may go now; the caller holds the lock."""
        batch = self._batch
        if not batch or (self._ring and not self._may_join(batch)):
            return None
        self._taken, self._batch = batch, Batch()
        self._turn.begin_batch()
        if batch.size > self._batch_bytes:  # else nobody waits
            self._room.notify_all()
        if not self._ring and not self._ring.is_current and batch.is_public:
            self._ring.set_recipients(tuple(self._members.values()))
        return batch

    def _may_join(self, batch: Batch) -> bool:
        return self._ring.size + batch.size <= _JOIN_BYTES and batch.is_public and not self._to_close

    def _members_but(self, singled_out: AbstractSet[Connection]) -> Sequence[Outbox]:
        return [outbox for member, outbox in self._members.items() if member not in singled_out]

    def _send_by_itself(self, batch: Batch, singled_out: AbstractSet[Connection], others: Sequence[Outbox]) -> None:
        for connection, chunk, frames in batch.chunks_of(singled_out):  # first those who wait for an answer
            self._put((connection.outbox,), chunk, frames)
        self._put(others, *batch.public_chunk())
        for connection in batch.ending:
            connection.outbox.end()

    def _put(self, outboxes: Sequence[Outbox], chunk: bytes, frames: int) -> None:
        if not frames:
            return
        self.deliveries += frames * len(outboxes)
        for outbox, outcome in put_to_each(outboxes, chunk, frames):
            if self.backlog.note(outbox, outcome):
                self._flusher.wake()
