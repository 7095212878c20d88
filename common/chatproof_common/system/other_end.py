"""The other end of a connection on this machine: whether it has read everything, and whether it has ended.

If a client has read what was sent to it, two writes are two reads, and not one by chance. A server that has ended the
connection of a client that does not read cannot show it to that client. Linux shows both: the kernel is asked for that
one socket (sock_diag(7)), or if it does not answer, its table of all sockets is read. Elsewhere a short wait has to do.
"""

import contextlib
import socket
import struct
import sys
import time
from pathlib import Path

_TABLE = Path("/proc/net/tcp")
_LONGEST_SECONDS = 0.25
_SHORTEST_SECONDS = 0.0002
_GUESS_SECONDS = 0.004
_STATE, _RECEIVE_QUEUE = 3, 4
_ESTABLISHED = "01"
_SOCK_DIAG, _BY_FAMILY = 4, 20
_REQUEST_FLAG = 1
_ANY_INTERFACE, _ANY_STATE, _NO_COOKIE = 0, 0xFFFFFFFF, 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBxI")
_ENDS = struct.Struct("!HH4s12x4s12x")
_IDENTITY = struct.Struct("=III")
_ANSWER = struct.Struct("=4x48xII")


def wait_until_read(connection: socket.socket) -> None:
    """Return when the other end has read everything; after 0.25 s at the latest."""
    give_up = time.monotonic() + _LONGEST_SECONDS
    while (waiting := bytes_waiting(connection)) and time.monotonic() < give_up:
        time.sleep(_SHORTEST_SECONDS)
    if waiting is None:
        time.sleep(_GUESS_SECONDS)


def bytes_waiting(connection: socket.socket) -> int | None:
    """Return how many bytes the other end has not read; None if that is not known here."""
    for source in (asked_of_the_kernel, read_from_the_table):
        with contextlib.suppress(OSError, ValueError, struct.error):
            waiting = source(connection.getpeername(), connection.getsockname())
            if waiting is not None:
                return waiting
    return None


def goes_on(connection: socket.socket) -> bool | None:
    """Return whether the other end has ended nothing yet; None if that is not known here."""
    with contextlib.suppress(OSError):
        row = _row(connection.getpeername(), connection.getsockname())
        return None if row is None else row[_STATE] == _ESTABLISHED
    return None


def asked_of_the_kernel(own: tuple[str, int], other: tuple[str, int]) -> int | None:
    """Return the receive queue of the socket with these ends: one question, however many sockets there are."""
    if sys.platform != "linux":
        return None
    question = _QUESTION.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, _ANY_STATE)
    question += _ENDS.pack(own[1], other[1], socket.inet_aton(own[0]), socket.inet_aton(other[0]))
    question += _IDENTITY.pack(_ANY_INTERFACE, _NO_COOKIE, _NO_COOKIE)
    header = _HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST_FLAG, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
        kernel.settimeout(_LONGEST_SECONDS)
        kernel.send(header + question)
        answer = kernel.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _BY_FAMILY:
        return None  # an error: there is no such socket, or not in this kernel
    _, waiting = _ANSWER.unpack_from(answer, _HEADER.size)
    return int(waiting)


def read_from_the_table(own: tuple[str, int], other: tuple[str, int]) -> int | None:
    """Return the same from the table of all sockets, which is read whole."""
    row = _row(own, other)
    return None if row is None else int(row[_RECEIVE_QUEUE].partition(":")[2], 16)


def _row(own: tuple[str, int], other: tuple[str, int]) -> list[str] | None:
    """Return the columns of a socket in the table; None if it is not there."""
    ends = f"{_hexadecimal(own)} {_hexadecimal(other)}"
    return next((row.split() for row in _TABLE.read_text("ascii").splitlines() if ends in row), None)


def _hexadecimal(address: tuple[str, int]) -> str:
    number = struct.unpack("=I", socket.inet_aton(address[0]))[0]
    return f"{number:08X}:{address[1]:04X}"
