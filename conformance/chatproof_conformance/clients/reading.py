"""Whether the client has read what was sent to it, so that two writes are two reads and not one by chance.

Linux shows it for a client on this machine: its socket's receive queue is empty. Elsewhere a short wait has to do.
"""

import contextlib
import socket
import struct
import time
from pathlib import Path

_TABLE = Path("/proc/net/tcp")
_LONGEST_SECONDS = 0.25
_SHORTEST_SECONDS = 0.0005
_GUESS_SECONDS = 0.004
_RECEIVE_QUEUE = 4


def wait_until_read(connection: socket.socket) -> None:
    """Return when the other end has read everything; after 0.25 s at the latest."""
    give_up = time.monotonic() + _LONGEST_SECONDS
    while (waiting := _bytes_waiting(connection)) and time.monotonic() < give_up:
        time.sleep(_SHORTEST_SECONDS)
    if waiting is None:
        time.sleep(_GUESS_SECONDS)


def _bytes_waiting(connection: socket.socket) -> int | None:
    """Return how many bytes the other end has not read; None where that is not known here."""
    with contextlib.suppress(OSError, ValueError):
        ends = f"{_hexadecimal(connection.getpeername())} {_hexadecimal(connection.getsockname())}"
        for row in _TABLE.read_text("ascii").splitlines():
            if ends in row:
                return int(row.split()[_RECEIVE_QUEUE].partition(":")[2], 16)
    return None


def _hexadecimal(address: tuple[str, int]) -> str:
    number = struct.unpack("=I", socket.inet_aton(address[0]))[0]
    return f"{number:08X}:{address[1]:04X}"
