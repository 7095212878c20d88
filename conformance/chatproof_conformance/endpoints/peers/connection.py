"""One TCP connection to the server under test: raw bytes both ways, every one of them in the transcript.

This is the harness's own wire. It shares no code with the reference applications, so that a mistake there cannot hide
here. Frames are split as SPEC.md, "The wire", says.
"""

import errno
import socket

from chatproof_common.system.errors import is_of_peer
from chatproof_common.system.sockets import reset_on_close, take_little, unless_gone
from chatproof_common.system.waiting import WRITE, Readiness, write_all
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas.transcript import Framing, Kind, Transcript

_CHUNK = 262_144
_CONNECT_SECONDS = 10.0


class Connection:
    """A connection, seen from the client.

    Attributes:
        label: how the transcript names it.
        ended: how the server ended it: None, ``Kind.SERVER_CLOSE`` or ``Kind.SERVER_RESET``.
        arrivals: bytes received so far.
    """

    def __init__(
        self,
        address: Address,
        label: str,
        transcript: Transcript,
        *,
        framing: Framing = "lf",
        receive_buffer: int | None = None,
    ) -> None:
        """Connect.

        Args:
            address: host and port of the server.
            label: the name of this connection in the transcript.
            transcript: where every byte is recorded.
            framing: ``lf``, or ``none`` if messages follow each other with nothing between.
            receive_buffer: bytes of the kernel's buffer, for peers that soon stop reading.

        Raises:
            TargetGone: if nothing accepts the connection.
        """
        self.label = label
        self.ended: Kind | None = None
        self.arrivals = 0
        self._transcript = transcript
        self._splitter = frame_splitter(framing)
        self._closed = False
        self._socket = _connect(address, receive_buffer)
        self._readable = Readiness(self._socket)
        self._writable = Readiness(self._socket, WRITE)
        transcript.append(label, Kind.OPEN)

    @property
    def open(self) -> bool:
        """Whether neither side has ended the connection."""
        return not self._closed and self.ended is None

    def fileno(self) -> int:
        """Return the socket's descriptor, for polling several connections at once."""
        return self._socket.fileno()

    def send(self, data: bytes, seconds: float) -> bool:
        """Write all of it; return False if the server reset the connection, or took nothing for this long."""
        self._transcript.append(self.label, Kind.CLIENT_DATA, data)
        return write_all(self._socket.send, data, self._writable, seconds)

    def receive(self, seconds: float) -> list[bytes]:
        """Wait this long for bytes and return the frames that they complete (often none), without their LF."""
        if self.ended is not None or self._closed:
            return []
        if not self._readable.wait(max(0.0, seconds)):
            return []
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError as error:
            if not is_of_peer(error):
                raise
            self._end(Kind.SERVER_RESET, errno.errorcode.get(error.errno or 0, "").encode())
            return []
        if not data:
            self._end(Kind.SERVER_CLOSE)
            return []
        self.arrivals += len(data)
        self._transcript.append(self.label, Kind.SERVER_DATA, data)
        return self._splitter.feed(data)

    @property
    def unfinished(self) -> bytes:
        """What has arrived after the last complete frame."""
        return self._splitter.rest

    def half_close(self) -> None:
        """End our sending direction in order; what the server still sends can be read."""
        self._transcript.append(self.label, Kind.HALF_CLOSE)
        with unless_gone():
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Reset the connection (RST)."""
        if not self._closed:
            self._transcript.append(self.label, Kind.RESET)
            reset_on_close(self._socket)
            self._close()

    def close(self) -> None:
        """Close without reading further; again is harmless."""
        if not self._closed:
            self._transcript.append(self.label, Kind.CLOSE)
            self._close()

    def _close(self) -> None:
        self._closed = True
        self._socket.close()

    def _end(self, how: Kind, detail: bytes = b"") -> None:
        self.ended = how
        self._transcript.append(self.label, how, detail)


def _connect(address: Address, receive_buffer: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        if receive_buffer is not None:
            take_little(connection, receive_buffer)
        # Without this, small frames wait for the acknowledgement of earlier ones: a factor of 60 in a run.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(_CONNECT_SECONDS)
        connection.connect(address)
        connection.setblocking(False)  # noqa: FBT003  the standard library's signature
    except OSError as error:
        connection.close()
        if not is_of_peer(error):
            raise
        raise TargetGone(f"no connection to {address[0]}:{address[1]}: {error.strerror or error}") from None
    return connection
