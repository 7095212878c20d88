"""One of the two sockets of a tapped connection: reads, writes and ends, each reported as what it was."""

import contextlib
import enum
import socket
import threading
from typing import Any

from chatproof_common.system.sockets import keep_alive, reset_on_close

VANISHED_SECONDS = 60.0
"""How long the machine of a silent client or server may answer nothing before its connection counts as reset."""

_CHUNK = 262_144


class _Buffer(threading.local):
    """What is read into; each thread has its own, as several may tap at once."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(_CHUNK))


_buffer = _Buffer()


class End(enum.Enum):
    """How a stream ended."""

    FIN = "in order"
    RST = "by a reset"


class Endpoint:
    """A connected socket that never blocks.

    Attributes:
        socket: the socket itself, for polling.
        peer: the address at its other end, as the system gave it.
        ended: whether its stream has been read to the end.
        finished: whether the stream to it has been ended.
        silent: whether it is not watched while nothing is needed from it: the system would report its end for ever.
    """

    def __init__(self, connected: socket.socket, peer: tuple[Any, ...], *, was_reset: bool = False) -> None:
        """Take over a socket; if the system has reported its reset already, it will not report it again."""
        connected.setblocking(False)  # noqa: FBT003  the standard library's signature
        with contextlib.suppress(OSError):  # it may be reset already: reading will show that
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        keep_alive(connected, VANISHED_SECONDS)
        self.socket = connected
        self.peer = peer
        self.ended = False
        self.finished = False
        self.silent = False
        self._reset = was_reset

    def read(self, limit: int = _CHUNK) -> bytes | End | None:
        """Return what has arrived, in one read of at most ``limit`` bytes; None if nothing has."""
        view = _buffer.view
        try:
            size = self.socket.recv_into(view[:limit])
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            self.ended = True
            return End.RST
        if size:
            return bytes(view[:size])
        self.ended = True
        # If a write has met the reset, the system does not report it again and calls it an end.
        return End.RST if self._reset else End.FIN

    def write(self, data: memoryview) -> memoryview:
        """Hand over what the system takes, and return the rest; nothing is left if the other end is gone."""
        try:
            return data[self.socket.send(data) :]
        except (BlockingIOError, InterruptedError):
            return data
        except OSError:
            self._reset = True
            return data[:0]

    def broken(self) -> bool:
        """Return whether the connection was reset; what is still to be read is lost then."""
        return self._reset or bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def finish(self) -> None:
        """End the stream to it in order (FIN); it can still be read."""
        self.finished = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Reset the connection (RST)."""
        reset_on_close(self.socket)
        self.socket.close()

    def close(self) -> None:
        """Let go of it; both directions have ended."""
        self.socket.close()
