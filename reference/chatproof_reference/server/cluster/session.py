"""What one incarnation of a node has put into the log and not yet had back, and how far it has read."""

import threading
import time
from collections import deque

from chatproof_reference.server.cluster.entry import Entry
from chatproof_reference.server.cluster.seats import Seats

_MOST_WAITING_BYTES = 512 * 1024
"""Whoever asks waits while more than this is on its way: TCP pushes back."""


class Session:
    """From a registration to its end: a node that must not go on as it is begins another, under another name.

    Attributes:
        node: the incarnation.
        position: the last entry that was applied, and the chain there: set at once, as others read both.
        bytes_applied: as the engine counts them.
        heard_at: when the engine last said what there is to read, on the clock of time.monotonic.
        seats: the connections that the log knows in it, or will.
        lock: held by whoever adds to it or changes a seat. Who takes the fan-out's lock as well takes that one inside.
        ended: set when it has ended; nothing is applied or appended any more.
        why: why it has ended, for people.
    """

    def __init__(self, node: bytes, position: bytes, chain: bytes, bytes_applied: int) -> None:
        self.node = node
        self.position = (position, chain)
        self.bytes_applied = bytes_applied
        self.heard_at = time.monotonic()
        self.ended = threading.Event()
        self.why = ""
        self.lock = threading.Lock()
        self.seats = Seats()
        self._work = threading.Condition(self.lock)
        self._room = threading.Condition(self.lock)
        self._entries: deque[Entry] = deque()  # the oldest first; the first `_sent` have been sent
        self._sent = 0
        self._number = 0
        self._applied = 0
        self._size = 0

    def end(self, why: str) -> None:
        """End it, and wake everybody who waits for it. The first reason counts."""
        with self.lock:
            self.why = self.why or why
            self.ended.set()
            for entry in self._entries:
                for event in entry.applied:
                    event.set()
            self._work.notify_all()
            self._room.notify_all()

    def wait_for_room(self) -> bool:
        """Wait until there is room for more, or it has ended; return whether it goes on. The caller holds the lock."""
        while self._size > _MOST_WAITING_BYTES and not self.ended.is_set():
            self._room.wait()
        return not self.ended.is_set()

    def add(self, tag: bytes, lines: bytes) -> int:
        """Have a segment appended; return the number of its entry. The caller holds the lock."""
        entry = self._open_entry()
        entry.add(tag, lines)
        self._size += len(lines)
        return entry.number

    def control(self, kind: bytes, connection: int, name: str) -> int:
        """Have a join or a leave appended; return the number of its entry. The caller holds the lock."""
        entry = self._open_entry()
        self._size -= entry.size
        entry.control(kind, connection, name)
        self._size += entry.size
        return entry.number

    def watch(self, number: int) -> threading.Event | None:
        """Return what is set once the entry of that number has been applied; the caller holds the lock."""
        if number <= self._applied or self.ended.is_set():
            return None
        event = threading.Event()
        self._entries[number - self._applied - 1].applied.append(event)
        return event

    def is_applied(self, number: int) -> bool:
        """Return whether an entry of this node has been applied."""
        return number <= self._applied

    def take(self, *, wait: bool) -> Entry | None:
        """Return the next entry to send; None if there is none, if need be after some waiting, or it has ended."""
        with self.lock:
            if wait and len(self._entries) == self._sent and not self.ended.is_set():
                self._work.wait()
            if len(self._entries) == self._sent or self.ended.is_set():
                return None
            entry = self._entries[self._sent]
            entry.is_closed = True
            self._sent += 1
            return entry

    def send_again(self) -> None:
        """Have :meth:`take` return again what has not been applied yet: it may never have arrived."""
        with self.lock:
            self._sent = 0

    def mark_applied(self, number: int) -> None:
        """Take note that an own entry has been routed; wake who waits for that."""
        with self.lock:
            entry = self._entries.popleft()
            self._sent = max(0, self._sent - 1)
            self._applied = number
            self._size -= entry.size
            for event in entry.applied:
                event.set()
            self._room.notify_all()

    def is_next(self, number: int) -> bool:
        """Return whether that is the entry of this node which must come next."""
        return number == self._applied + 1 and bool(self._entries)

    @property
    def waits_since(self) -> float:
        """Since when something has been on its way without having been applied; now if nothing is."""
        with self.lock:
            return self._entries[0].since if self._entries else time.monotonic()

    def wait_until_applied(self, seconds: float) -> None:
        """Wait for all that is on its way, for at most so many seconds."""
        with self.lock:
            event = self.watch(self._number)
        if event:
            event.wait(seconds)

    def _open_entry(self) -> Entry:
        if not (self._entries and self._entries[-1].takes_more):
            self._number += 1
            self._entries.append(Entry(self._number))
        self._work.notify()
        return self._entries[-1]
