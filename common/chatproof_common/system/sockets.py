"""Sockets that listen, and how a connection is ended by a reset."""

import contextlib
import socket
import struct
from typing import Any

_BACKLOG = 1024
_LINGER_NO_TIME = struct.pack("ii", 1, 0)
"""SO_LINGER: on, zero seconds."""


def listen(address: tuple[Any, ...], *, backlog: int = _BACKLOG, takes_both: bool = False) -> socket.socket:
    """Return a socket that listens and never blocks; a port just given back can be had again at once (STOP-3).

    Args:
        address: host and port; an IPv6 host has a colon, and port 0 lets the system choose.
        backlog: how many clients may wait to be accepted.
        takes_both: whether an IPv6 address that stands for all (``::``) takes clients by IPv4 too.

    Raises:
        OSError: if the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    both = takes_both and family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    listening = socket.create_server(address, family=family, backlog=backlog, dualstack_ipv6=both)
    listening.setblocking(False)  # noqa: FBT003  the standard library's signature
    return listening


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(address: tuple[str, int], seconds: float) -> bool:
    """Return whether an address accepts a connection within ``seconds``."""
    try:
        socket.create_connection(address, seconds).close()
    except OSError:
        return False
    return True


def reset_on_close(connection: socket.socket) -> None:
    """Let closing free at once what the peer has not taken; the peer receives a reset (RST)."""
    with contextlib.suppress(OSError):  # it has gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NO_TIME)
