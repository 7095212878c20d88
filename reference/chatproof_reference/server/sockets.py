"""Blocking reads and non-blocking writes on one socket, from two threads.

If the system has MSG_DONTWAIT the socket stays blocking, so that a read is one system call. Elsewhere (Windows) it
is non-blocking and a read waits first.
"""

import contextlib
import socket

from chatproof_common.system.sockets import keep_alive
from chatproof_common.system.waiting import is_readable

DONT_WAIT: int = getattr(socket, "MSG_DONTWAIT", 0)
"""The flag with which ``send`` never waits on a prepared socket: it takes something, or raises BlockingIOError."""
READ_BYTES = 65_536
_LOOK_SECONDS = 0.25
"""Where a read waits first: a system may not wake it when another thread shuts the connection down."""


def prepare(client: socket.socket, vanished_seconds: float) -> None:
    """Make an accepted socket ready for :func:`receive`, and for sending with :data:`DONT_WAIT`.

    A peer whose machine answers nothing for ``vanished_seconds`` becomes an error of :func:`receive`.
    """
    keep_alive(client, vanished_seconds)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # answers are small, and waited for
    client.setblocking(bool(DONT_WAIT))


def receive(client: socket.socket, size: int = READ_BYTES) -> bytes:
    """Wait for bytes and return at most ``size``; empty at the end of the stream.

    Raises:
        OSError: if the connection was reset.
    """
    while True:
        if not DONT_WAIT:
            is_readable(client, _LOOK_SECONDS)
        try:
            return client.recv(size)
        except BlockingIOError:
            if DONT_WAIT:
                raise


def shut_down(client: socket.socket, how: int) -> None:
    """End one or both directions, or do nothing if the peer has gone already."""
    with contextlib.suppress(OSError):
        client.shutdown(how)
