"""The server's end of the wire: raw bytes both ways, every one of them in the transcript.

It serves nothing by itself: what a client gets is what a case sends.
"""

import errno
import socket

from chatproof_common.system.errors import is_of_peer
from chatproof_common.system.other_end import bytes_waiting, wait_until_read
from chatproof_common.system.sockets import listen, reset_on_close, take_little, unless_gone
from chatproof_common.system.waiting import WRITE, Readiness, is_readable, write_all
from chatproof_conformance.wire.framing import LineSplitter
from chatproof_schemas.transcript import Kind, Transcript

_HOST = "127.0.0.1"
_CHUNK = 262_144
_LITTLE = 2048
"""Bytes of a receive buffer: with it about 45 KB go from Linux's default buffers to one who does not read."""

_QUICK_ACKNOWLEDGEMENT: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux has it; it holds for a while, so it is asked for at each read."""


class Listener:
    """Accepts the connections of the client under test.

    Attributes:
        address: where it listens.
    """

    def __init__(self, host: str = _HOST, port: int = 0) -> None:
        """Listen; port 0 lets the system choose.

        Raises:
            OSError: if the port cannot be had.
        """
        self._socket = listen((host, port), backlog=16)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def take_little(self) -> None:
        """Take few bytes of each client that connects while nobody reads."""
        take_little(self._socket, _LITTLE)

    def fileno(self) -> int:
        """Return the descriptor, for polling."""
        return self._socket.fileno()

    def accept(self, label: str, transcript: Transcript) -> "ServedConnection | None":
        """Return a connection that waits to be accepted, None if there is none."""
        try:
            accepted, _ = self._socket.accept()
        except BlockingIOError:
            return None
        except OSError as error:
            if not is_of_peer(error):
                raise
            return None
        return ServedConnection(accepted, label, transcript)

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


class ServedConnection:
    """A connection, seen from the server.

    Attributes:
        label: how the transcript names it.
        frames: the frames that the client has sent, without their LF; blank lines are left out.
        ended: how the client ended it: None, ``Kind.CLOSE`` or ``Kind.RESET``.
    """

    def __init__(self, accepted: socket.socket, label: str, transcript: Transcript) -> None:
        """Serve a connection that has been accepted."""
        accepted.setblocking(False)  # noqa: FBT003  the standard library's signature
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.label = label
        self.frames: list[bytes] = []
        self.ended: Kind | None = None
        self._socket = accepted
        self._writable = Readiness(accepted, WRITE)
        self._transcript = transcript
        self._splitter = LineSplitter()
        self._closed = False
        transcript.append(label, Kind.OPEN)

    @property
    def open(self) -> bool:
        """Whether neither side has ended the connection."""
        return not self._closed and self.ended is None

    @property
    def is_closed(self) -> bool:
        """Whether our side has closed it."""
        return self._closed

    @property
    def unfinished(self) -> bytes:
        """What the client has sent after its last LF."""
        return self._splitter.rest

    def fileno(self) -> int:
        """Return the descriptor, for polling."""
        return self._socket.fileno()

    def send(self, data: bytes, seconds: float) -> bool:
        """Write all of it; return False if the client has gone, or reads nothing for this long."""
        if self._closed:
            return False
        self._transcript.append(self.label, Kind.SERVER_DATA, data)
        return write_all(self._socket.send, data, self._writable, seconds)

    def begin_sending(self, data: bytes) -> bool:
        """Record that data is sent now; return False if it cannot be. Who calls this hands it to :meth:`write_some`."""
        if not self._closed:
            self._transcript.append(self.label, Kind.SERVER_DATA, data)
        return not self._closed

    def write_some(self, data: memoryview) -> int | None:
        """Write what the system takes of data just now; return how much that is, None if the client has gone."""
        if self._closed:
            return None
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            if not is_of_peer(error):
                raise
            return None

    def is_read(self) -> bool | None:
        """Whether the client has read what was sent; None if the system does not know."""
        waiting = bytes_waiting(self._socket) if self.open else 0
        return None if waiting is None else not waiting

    def half_close(self) -> None:
        """End our sending direction in order, and read on."""
        if not self._closed:
            self._transcript.append(self.label, Kind.SERVER_CLOSE)
            with unless_gone():
                self._socket.shutdown(socket.SHUT_WR)

    def wait_until_read(self) -> None:
        """Wait a little until the client has read what was sent."""
        if self.open:
            wait_until_read(self._socket)

    def receive(self) -> None:
        """Read what has arrived, or how the client has ended the connection."""
        if _QUICK_ACKNOWLEDGEMENT is not None:
            # A client that leaves Nagle's algorithm on else waits 40 ms before each second frame.
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACKNOWLEDGEMENT, 1)
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            if not is_of_peer(error):
                raise
            self.ended = Kind.RESET
            self._transcript.append(self.label, Kind.RESET, errno.errorcode.get(error.errno or 0, "").encode())
            return
        if not data:
            self.ended = Kind.CLOSE
            self._transcript.append(self.label, Kind.CLOSE)
            return
        self._transcript.append(self.label, Kind.CLIENT_DATA, data)
        self.frames += self._splitter.feed(data)

    def close(self) -> None:
        """End the connection in order: the client reads the end of the stream. Again is harmless."""
        if not self._closed:
            self._transcript.append(self.label, Kind.SERVER_CLOSE)
            # What the client has sent and we have not read would turn the end into a reset.
            while self.ended is None and is_readable(self._socket, 0):
                self.receive()
            self._close()

    def reset(self) -> None:
        """Reset the connection (RST). Again is harmless."""
        if not self._closed:
            self._transcript.append(self.label, Kind.SERVER_RESET)
            reset_on_close(self._socket)
            self._close()

    def _close(self) -> None:
        self._closed = True
        self._socket.close()
