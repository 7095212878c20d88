"""Ports for servers that we start."""

import atexit
import errno
import functools
import secrets
import socket
import sys
import threading

_HOST = "127.0.0.1"
_PORTS = range(10240, 32768)
"""The system lends those above to clients: one of them could be gone before the server has it."""
_BLOCK = 256


class _Block:
    """Some ports in a row that no other process takes at this time: who holds the first one has them all."""

    def __init__(self) -> None:
        """Claim one.

        Raises:
            OSError: if each of them is claimed.
        """
        blocks = range(_PORTS.start, _PORTS.stop, _BLOCK)
        for self._first in secrets.SystemRandom().sample(blocks, len(blocks)):
            if (held := _bound(self._first)) is not None:
                self._last = 0
                atexit.register(held.close)
                return
        raise OSError(f"no port from {_PORTS.start} to {_PORTS.stop} is free")

    def take(self) -> int | None:
        """Return the next port that is free, in turn: one just given back may be needed again, or linger."""
        for _ in range(_BLOCK - 1):
            self._last = self._last % (_BLOCK - 1) + 1
            if (probe := _bound(self._first + self._last)) is not None:
                probe.close()
                return self._first + self._last
        return None


class _Ports:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = [_Block()]

    def take(self) -> int:
        with self._lock:
            while (port := self._blocks[-1].take()) is None:
                self._blocks.append(_Block())
            return port


_ports = functools.cache(_Ports)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens now, and that no other run takes.

    Raises:
        OSError: if there is none.
    """
    return _ports().take()


def _bound(port: int) -> socket.socket | None:
    probe = socket.socket()
    try:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        probe.bind((_HOST, port))
    except OSError as error:
        probe.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return None
    return probe
