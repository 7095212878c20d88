"""Sockets that listen, how a connection is ended by a reset, and peers whose machine no longer answers."""

import contextlib
import errno
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

from chatproof_common.system.errors import is_of_peer

_BACKLOG = 1024
_LINGER_NO_TIME = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER: on, zero seconds."""
REFUSED_SECONDS = 0.25 if sys.platform == "win32" else 1.0
"""How long to wait for an answer of a port of this machine: Windows asks one that refuses again and again, for 2 s."""
_NETWORK_SEGMENT = 1460
_PROBES = 3
_RETRANSMITS, _PROBES_OUT = 2, 3
"""Where Linux counts, in what TCP_INFO returns, what it sent again without an answer: data, and probes."""


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
    if sys.platform == "win32":
        listening = _listen_alone(address, family, backlog, both=both)
    else:
        listening = socket.create_server(address, family=family, backlog=backlog, dualstack_ipv6=both)
    listening.setblocking(False)  # noqa: FBT003  the standard library's signature
    return listening


def _listen_alone(address: tuple[Any, ...], family: socket.AddressFamily, backlog: int, *, both: bool) -> socket.socket:
    """Listen so that no other program can take the port, which Windows allows otherwise."""
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        listening.bind(address)
        listening.listen(backlog)
    except BaseException:
        listening.close()
        raise
    return listening


def resolve(host: str, port: int, *, listens: bool = False) -> list[tuple[int, tuple[Any, ...]]]:
    """Return the addresses of a name, each with its family; of this machine's own, IPv4 first.

    "localhost" means 127.0.0.1 to the programs that this protocol comes from, and on Windows a port that refuses costs
    seconds. Elsewhere the system's order counts.

    Raises:
        OSError: if the name is unknown (``socket.gaierror``), or cannot be asked for.
    """
    flags = socket.AI_PASSIVE if listens else 0
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    addresses = [(int(family), address) for family, _, _, _, address in found]
    if listens or any(address[0] == "127.0.0.1" for _, address in addresses):
        addresses.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return addresses


def take_little(connection: socket.socket, receive_buffer: int) -> None:
    """Before it connects, let a socket take so few bytes off the other end's hands while nobody reads.

    Between programs of one machine Linux sends segments of 64 KB, and keeps megabytes for that: with segments as on a
    network, what is not read is soon the other program's.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if sys.platform == "linux":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _NETWORK_SEGMENT)


def begin_to_connect(connection: socket.socket, address: tuple[Any, ...]) -> int:
    """Begin to connect a socket that does not block; return 0, or the number of the error that came at once."""
    code = connection.connect_ex(address)
    return 0 if code in (errno.EINPROGRESS, errno.EWOULDBLOCK) else code


def is_ours(host: str) -> bool:
    """Return whether a numeric address is one of this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def accepts(address: tuple[str, int], seconds: float) -> bool:
    """Return whether an address accepts a connection within ``seconds``.

    Raises:
        OSError: if it cannot be asked: that is a lack of ours.
    """
    try:
        socket.create_connection(address, seconds).close()
    except OSError as error:
        if not is_of_peer(error):
            raise
        return False
    return True


@contextlib.contextmanager
def unless_gone() -> Iterator[None]:
    """Do nothing about a connection whose peer has ended it meanwhile.

    Raises:
        OSError: if something else is wrong with it.
    """
    try:
        yield
    except OSError as error:
        # A socket that is closed has no descriptor; and macOS calls what has ended invalid.
        if not is_of_peer(error) and error.errno not in (errno.EBADF, errno.EINVAL):
            raise


def is_held(connection: socket.socket, seconds: float) -> bool:
    """Return whether the peer holds a connection for so long, or sends something; not if it ends or resets it."""
    connection.settimeout(seconds)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return True
    except OSError:
        return False


def reset_on_close(connection: socket.socket) -> None:
    """Let closing free at once what the peer has not taken; the peer receives a reset (RST)."""
    with unless_gone():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NO_TIME)


def keep_alive(connection: socket.socket, seconds: float) -> None:
    """Let the system end a silent connection whose peer's machine has not answered for about ``seconds``.

    Half of the time nothing is asked, then three probes are sent. Data on its way is sent again instead, for as long as
    the system likes: :func:`awaits_answer` says so.
    """
    probe = max(1, round(seconds / 2 / _PROBES))
    silent = max(1, round(seconds) - probe * _PROBES)
    with contextlib.suppress(OSError):  # it has gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # macOS calls the first one otherwise; a system that lacks one keeps its own time.
        for names, value in ((("TCP_KEEPIDLE", "TCP_KEEPALIVE"), silent), (("TCP_KEEPINTVL",), probe)):
            option = next((getattr(socket, name) for name in names if hasattr(socket, name)), None)
            if option is not None:
                connection.setsockopt(socket.IPPROTO_TCP, option, value)
        if hasattr(socket, "TCP_KEEPCNT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)


def awaits_answer(connection: socket.socket) -> bool:
    """Return whether what was last sent, data or probes, had no answer in time; False if the system does not say.

    A peer that only does not read answers all the same.
    """
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return False
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, option, 8)
    except OSError:  # it has gone already
        return False
    # One probe may go unanswered: a peer answers only so many a second.
    return len(told) > _PROBES_OUT and (told[_RETRANSMITS] > 0 or told[_PROBES_OUT] > 1)
