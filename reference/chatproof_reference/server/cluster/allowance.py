"""What the engine may take for a request: redis-py bounds the wait for each piece of a reply, not their number."""

import socket
import time
from typing import Any

from redis.exceptions import InvalidResponse
from redis.exceptions import TimeoutError as TookTooLong

_MOST_MIB = 32
"""Twice what 64 entries can be, and the names of some 500,000 users."""


class Allowance:
    """So many seconds, about, and 32 MiB of replies; whoever begins a request renews it."""

    def __init__(self, seconds: float, *, is_of_each_command: bool = False) -> None:
        """Allow that for a request; if nobody can tell when one begins, each command that is sent renews it."""
        self._seconds = seconds
        self.is_of_each_command = is_of_each_command
        self.renew()

    def renew(self) -> None:
        """Allow as much again, from now on."""
        self._ends_at = time.monotonic() + self._seconds
        self._bytes = _MOST_MIB * 2**20

    def watch(self, connection: Any) -> None:
        """Count what is read on a connection from now on: what redis-py calls as soon as it has one."""
        connection._sock = _Watched(connection._sock, self)  # noqa: SLF001  it has no seam for that
        connection.on_connect()

    def check_time(self) -> None:
        """Raise redis-py's error if the time is over."""
        if time.monotonic() > self._ends_at:
            raise TookTooLong(f"It did not finish its reply within {self._seconds:g} seconds")

    def take(self, size: int) -> None:
        """Take note of bytes that have come; raise redis-py's error if they are too many."""
        self._bytes -= size
        if self._bytes < 0:
            raise InvalidResponse(f"Its reply has more than {_MOST_MIB} MiB")


class _Watched:
    """A socket of which is counted what it reads; all else is the socket's own."""

    def __init__(self, own: socket.socket, allowance: Allowance) -> None:
        self._own = own
        self._allowance = allowance

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def sendall(self, data: bytes) -> None:
        if self._allowance.is_of_each_command:
            self._allowance.renew()
        self._own.sendall(data)

    def recv(self, size: int, flags: int = 0) -> bytes:
        self._allowance.check_time()
        data = self._own.recv(size, flags)
        self._allowance.take(len(data))
        return data

    def recv_into(self, buffer: bytearray) -> int:
        self._allowance.check_time()
        size = self._own.recv_into(buffer)
        self._allowance.take(size)
        return size
