"""How many deliveries a second the load generator can count: no server can be seen to be faster."""

import contextlib
import multiprocessing
import socket
import sys
import time
from pathlib import Path

from chatproof_common.system.multiplexer import Waiter
from chatproof_reference.bench.stream import CommonStream
from chatproof_reference.bench.target import Target, TargetFailedError

_FLOOD = (sys.executable, str(Path(__file__).with_name("flood.py")), "{port}")
_READ_SECONDS = 0.005
"""As in a measurement: the longer data gathers, the more is read at once."""

_buffer = bytearray(1 << 20)


def measure_limit(clients: int, processes: int = 1, seconds: float = 1.0) -> float:
    """Return deliveries a second over that many connections, compared and counted as in a measurement.

    The processes count at the same time, each its share of the connections, from its own flooding program.
    """
    if processes == 1:
        return _measure_one(clients, seconds)
    share = max(1, clients // processes)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return sum(pool.starmap(_measure_one, [(share, seconds)] * processes))


def _measure_one(clients: int, seconds: float) -> float:
    with Target((*_FLOOD, str(clients))) as target, contextlib.closing(Waiter[socket.socket]()) as waiter:
        sockets = [socket.create_connection(target.address) for _ in range(clients)]
        for client in sockets:
            client.settimeout(0)
            waiter.watch(client, client)
        try:
            return _count(waiter, sockets, seconds)
        finally:
            for client in sockets:
                client.close()


def _count(waiter: Waiter[socket.socket], sockets: list[socket.socket], seconds: float) -> float:
    common, begin = CommonStream(b"^"), time.monotonic()
    positions = dict.fromkeys(sockets, 0)
    while (now := time.monotonic()) - begin < seconds:
        for client, _ in waiter.wait(1.0):
            size = client.recv_into(_buffer)
            if not common.continues(positions[client], _buffer, size):
                raise TargetFailedError(
                    "the load generator's own limit cannot be told: what it received is not what was sent"
                )
            positions[client] += size
        common.forget(min(positions.values()))
        time.sleep(max(0.0, now + _READ_SECONDS - time.monotonic()))
    return sum(map(common.count, positions.values())) / (time.monotonic() - begin)
