"""What waits to be sent to one client: bounded, and never blocking whoever adds to it."""

import contextlib
import enum
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

from chatproof_common.system.sockets import reset_on_close
from chatproof_reference.server import sockets

_PACE_SECONDS = 0.02
_READS_BYTES = 65_536
"""Who has taken so much since it fell behind reads, however slowly."""


class Put(enum.Enum):
    """What became of a chunk."""

    SENT = enum.auto()
    """The system took all of it."""
    FELL_BEHIND = enum.auto()
    """Some of it waits, and nothing did before: :meth:`Outbox.drain` must be called until it says that all is sent."""
    STILL_BEHIND = enum.auto()
    """Some of it waits, as something did before."""
    OVERFLOWED = enum.auto()
    """More than the bound would wait: the connection has been cut."""


class Outbox:
    """The sending half of a connection.

    Chunks are kept as they came, so that many slow clients share the bytes of one broadcast. Any thread may call its
    methods, but only one at a time may put something in, or close it.
    """

    def __init__(self, client: socket.socket, limit: int) -> None:
        """Send on ``client``; let at most ``limit`` bytes wait."""
        self.pending = 0
        """Bytes that wait."""
        self.frames = 0
        """Frames that were put in, as whoever did so counted them."""
        self.taken = 0
        """Bytes that the system took of what had to wait; it only grows."""
        self.was_cut = False
        self.fault: Exception | None = None
        """A fault of the server's own, for which it was cut."""
        self.send = client.send
        self.is_plain = True
        """Whether a chunk may be sent as it comes, as nearly always: nothing waits, ends or is paced."""
        self._socket = client
        self._limit = limit
        self._lock = threading.Lock()
        self._chunks: deque[bytes | memoryview] = deque()
        self._ending = False
        self._over = False
        self._taken_before = 0
        self._room_bytes = 0
        self._room = threading.Event()
        self._ended = threading.Event()
        self._one_at_a_time = False
        self._last_sent = 0.0

    def add(self, chunk: bytes) -> Put:
        """Send a chunk of whole frames after what waits, or keep what the system does not take now."""
        with self._lock:
            if self._over or self._ending:
                return Put.SENT
            was_behind = bool(self._chunks)
            self._keep(*(chunk.splitlines(keepends=True) if self._one_at_a_time else (chunk,)))
            outcome = self._checked() if was_behind else self._send_pending()
            return Put.FELL_BEHIND if outcome is Put.STILL_BEHIND and not was_behind else outcome

    def keep_rest(self, chunk: bytes, sent: int) -> Put:
        """Keep what the system has not taken of a chunk that was sent as it came."""
        with self._lock:
            if self._over:
                return Put.SENT
            self._keep(memoryview(chunk)[sent:])
            return Put.FELL_BEHIND if self._checked() is Put.STILL_BEHIND else Put.OVERFLOWED

    def drop(self) -> None:
        """Send nothing more: the peer has gone. The thread that reads from it sees that too, and informs the others."""
        with self._lock:
            self._drop_pending()

    def drain(self) -> Put:
        """Send more of what waits."""
        with self._lock:
            return self._send_pending()

    def send_one_at_a_time(self) -> None:
        """Send each frame by itself, a moment apart: a peer that sends no LF takes what it reads at once for one."""
        with self._lock:
            self._one_at_a_time = True
            self.is_plain = False

    def end(self) -> None:
        """End the stream in order once all is sent; what is put from now on is dropped."""
        with self._lock:
            self._ending = True
            self.is_plain = False
            self._room.set()
            if not self._chunks:
                self._finish()

    def wait_for_room(self, most: int) -> None:
        """Wait until at most ``most`` bytes wait, or nothing more will; one thread may."""
        self._room_bytes = most
        while self.pending > most and not (self._ending or self._over):
            self._room.clear()
            if self.pending > most and not (self._ending or self._over):
                self._room.wait()

    @property
    def reads_slowly(self) -> bool:
        """Whether its peer has taken much since it fell behind: it has not stopped."""
        return self.taken - self._taken_before >= _READS_BYTES

    def wait_until_ended(self, timeout: float) -> None:
        """Wait until the stream has ended, or the connection is gone, for at most ``timeout`` seconds."""
        with contextlib.suppress(RuntimeError, MemoryError):  # no memory to wait with
            self._ended.wait(timeout)

    def cut(self) -> None:
        """End both directions now. The reader of the connection sees the end of the stream."""
        with self._lock:
            self._give_up()

    def give_up(self) -> None:
        """Cut the connection as its peer has stopped reading, and free at once what the system holds for it."""
        with self._lock:
            self._taken_before = self.taken
            self._overflow()

    def fail(self, fault: Exception) -> None:
        """Cut the connection, as a fault of the server's own has lost something that it should have got."""
        self.fault = fault
        self.cut()

    def close(self) -> None:
        """Close the socket, once nothing can be put in any more: its descriptor may be another connection's at once."""
        with self._lock:
            self._drop_pending()
            self._socket.close()

    def _keep(self, *chunks: bytes | memoryview) -> None:
        self.is_plain = False
        if not self._chunks:
            self._taken_before = self.taken
        self._chunks.extend(chunks)
        self.pending += sum(map(len, chunks))

    def _checked(self) -> Put:
        if self.pending <= self._limit:
            return Put.STILL_BEHIND
        self._overflow()
        return Put.OVERFLOWED

    def _overflow(self) -> None:
        # The peer does not read: what is in the system's buffer would stay for minutes.
        reset_on_close(self._socket)
        self._give_up()

    def _send_pending(self) -> Put:
        while self._chunks and not self._too_soon():
            chunk = self._chunks[0]
            sent = self._send(chunk)
            if self._over:
                return Put.SENT
            self.pending -= sent
            self.taken += sent
            if self.pending <= self._room_bytes:
                self._room.set()
            if sent < len(chunk):
                self._chunks[0] = memoryview(chunk)[sent:]
                return self._checked()
            self._chunks.popleft()
        if self._chunks:
            return self._checked()
        if self._ending:
            self._finish()
        self.is_plain = not (self._over or self._one_at_a_time)
        return Put.SENT

    def _too_soon(self) -> bool:
        if not self._one_at_a_time:
            return False
        now = time.monotonic()
        if now - self._last_sent < _PACE_SECONDS:
            return True
        self._last_sent = now
        return False

    def _send(self, chunk: bytes | memoryview) -> int:
        try:
            return self.send(chunk, sockets.DONT_WAIT)
        except BlockingIOError:
            return 0
        except OSError:
            self._drop_pending()
            return 0

    def _finish(self) -> None:
        if not self._over:
            sockets.shut_down(self._socket, socket.SHUT_WR)
        self._drop_pending()

    def _give_up(self) -> None:
        self.was_cut = True
        sockets.shut_down(self._socket, socket.SHUT_RDWR)
        self._drop_pending()

    def _drop_pending(self) -> None:
        self._over = True
        self.is_plain = False
        self._chunks.clear()
        self.pending = 0
        self._room.set()
        self._ended.set()


def put_to_each(outboxes: Iterable[Outbox], chunk: bytes, frames: int) -> Iterator[tuple[Outbox, Put]]:
    """Put one chunk of ``frames`` whole frames into every outbox; yield those that could not send all of it at once.

    This is the innermost loop of the server, run for each recipient of each message: in few steps, and with no lock.
    """
    size, flags = len(chunk), sockets.DONT_WAIT
    for outbox in outboxes:
        outbox.frames += frames
        if not outbox.is_plain:
            outcome = outbox.add(chunk)
        else:
            try:
                sent = outbox.send(chunk, flags)
                if sent == size:
                    continue
            except BlockingIOError:
                sent = 0
            except OSError:
                outbox.drop()
                continue
            outcome = outbox.keep_rest(chunk, sent)
        if outcome is not Put.SENT:
            yield outbox, outcome
