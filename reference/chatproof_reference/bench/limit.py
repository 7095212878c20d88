"""How many deliveries a second the load generator can count: no server can be seen to be faster."""

import multiprocessing
import selectors
import socket
import sys
import time
from multiprocessing.pool import Pool
from pathlib import Path

from chatproof_reference.bench.stream import CommonStream
from chatproof_reference.bench.target import Target, TargetFailedError

_FLOOD = (sys.executable, str(Path(__file__).with_name("flood.py")), "{port}")
_READ_SECONDS = 0.005
"""As in a measurement: the longer data gathers, the more is read at once."""

_buffer = bytearray(1 << 20)


def measure_limit(clients: int, processes: int = 1, seconds: float = 1.0) -> float:
    """Return deliveries a second over so many connections, compared and counted as in a measurement.

    The processes count at the same time, each its share of the connections, from a flooding program of its own.
    """
    if processes == 1:
        return _measure_one(clients, seconds)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return _measure_all(pool, clients, processes, seconds)


def _measure_all(pool: Pool, clients: int, processes: int, seconds: float) -> float:
    share = max(1, clients // processes)
    return sum(pool.starmap(_measure_one, [(share, seconds)] * processes))


def _measure_one(clients: int, seconds: float) -> float:
    with Target((*_FLOOD, str(clients))) as target, selectors.DefaultSelector() as selector:
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
    common, begin = CommonStream(b"^"), time.monotonic()
    positions = {key.fd: 0 for key in selector.get_map().values()}
    while (now := time.monotonic()) - begin < seconds:
        for key, _ in selector.select(1.0):
            size = key.data.recv_into(_buffer)
            if not common.continues(positions[key.fd], _buffer, size):
                raise TargetFailedError(
                    "the load generator's own limit cannot be told: what it received is not what was sent"
                )
            positions[key.fd] += size
        common.forget(min(positions.values()))
        time.sleep(max(0.0, now + _READ_SECONDS - time.monotonic()))
    return sum(map(common.count, positions.values())) / (time.monotonic() - begin)
