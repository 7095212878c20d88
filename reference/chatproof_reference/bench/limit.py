"""How many deliveries a second the load generator can count: no server can be seen to be faster."""

import selectors
import socket
import sys
import time
import zlib
from pathlib import Path

from chatproof_reference.bench.target import Target

_buffer = bytearray(1 << 20)
_view = memoryview(_buffer)


def measure_limit(clients: int, seconds: float = 1.0) -> float:
    """Return deliveries a second over so many connections, counted and summed up as in a measurement."""
    command = (sys.executable, str(Path(__file__).with_name("flood.py")), "{port}", str(clients))
    with Target(command) as target, selectors.DefaultSelector() as selector:
        sockets = [socket.create_connection(target.address) for _ in range(clients)]
        for client in sockets:
            client.settimeout(0)
            selector.register(client, selectors.EVENT_READ, client)
        try:
            return _count(selector, seconds)
        finally:
            for client in sockets:
                client.close()


def _count(selector: selectors.BaseSelector, seconds: float) -> float:
    count, checksum, begin = 0, 0, time.monotonic()
    while time.monotonic() - begin < seconds:
        for key, _ in selector.select(1.0):
            size = key.data.recv_into(_buffer)
            count += _buffer.count(b"^", 0, size)
            checksum = zlib.adler32(_view[:size], checksum)
    return count / (time.monotonic() - begin)
