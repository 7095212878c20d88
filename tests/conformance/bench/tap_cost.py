"""What a tap costs and whether it loses anything: ``python tests/conformance/bench/tap_cost.py``.

Round trips with and without the tap are measured in turns, in one run, so that what else the machine does tells on all
alike. Then a flood goes through a tap that records; every message must arrive everywhere, once and in order, and stand
in the record as often.
"""

import contextlib
import json
import re
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from chatproof_common.system.processes import OURS, PIPE, Process
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.endpoints.process.server_process import BUNDLED, ServerProcess
from chatproof_schemas.transcript import Kind, read_transcript

ROUNDS, WARM_UP = 3000, 200
MESSAGES, CLIENTS, AT_ONCE = 100_000, 4, 50
_CONTENT = re.compile(rb'"content":"(\d+):(\d+)"')
_TAP = (
    sys.executable,
    "-c",
    "import sys; from chatproof_common.command_line.main import main; sys.exit(main())",
    "tap",
)


class Client:
    """A client that has joined; it blocks."""

    def __init__(self, address: Address, name: str) -> None:
        """Connect and join."""
        self.received = bytearray()
        self._socket = socket.create_connection(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(json.dumps({"type": "join", "username": name}).encode() + b"\n")
        self.read_until(1)

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(data)

    def read_until(self, frames: int) -> None:
        """Read until so many frames have come since the beginning."""
        count = self.received.count(b"\n")
        while count < frames:
            data = self._socket.recv(262_144)
            if not data:
                raise ConnectionError("the connection has ended")
            self.received += data
            count += data.count(b"\n")

    def round_trip(self, number: int) -> float:
        """Return the seconds from sending a message to its return."""
        self.received.clear()
        start = time.perf_counter()
        self.send(b'{"type":"message","content":"%d:%d"}\n' % (0, number))
        self.read_until(1)
        return time.perf_counter() - start

    def close(self) -> None:
        """End in order."""
        self._socket.close()


@contextlib.contextmanager
def tap(address: Address, *words: str) -> Iterator[tuple[Address, Process]]:
    """Start a tap in front of a server; yield where it listens, and its process."""
    command = [*_TAP, "--to", f"{address[0]}:{address[1]}", *words]
    process = Process(command, stdin=OURS, stdout=PIPE, stderr=OURS)
    host, _, port = process.stdout.readline().decode().split()[-1].rpartition(":")
    reader = Process(["cat"], stdin=process.stdout)  # what it shows is read by another program, as a terminal does
    try:
        yield (host, int(port)), process
    finally:
        process.ask_to_stop()
        process.wait()
        reader.wait()


@contextlib.contextmanager
def server() -> Iterator[Address]:
    """Run the bundled server."""
    target = ServerProcess(BUNDLED)
    target.start()
    try:
        yield target.address
    finally:
        target.stop()


def measure_round_trips(folder: Path) -> dict[str, list[float]]:
    """Return the round trips of one client alone on a server of its own, in seconds, by what stands between."""
    ways = {
        "no tap": None,
        "tap --quiet": ("--quiet",),
        "tap --quiet --record": ("--quiet", "--record", str(folder / "quiet.ndjson")),
        "tap --record, showing": ("--record", str(folder / "shown.ndjson")),
    }
    with contextlib.ExitStack() as stack:
        clients = {}
        for name, words in ways.items():
            address = stack.enter_context(server())
            if words is not None:
                address, _ = stack.enter_context(tap(address, *words))
            clients[name] = Client(address, "ann")
        found: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(WARM_UP + ROUNDS):
            for name, client in clients.items():
                seconds = client.round_trip(number)
                if number >= WARM_UP:
                    found[name].append(seconds)
        for client in clients.values():
            client.close()
    return found


def flood(folder: Path) -> str:
    """Send everything through a recording tap; return what came of it, in a sentence.

    Raises:
        AssertionError: where something is lost, doubled or out of order.
    """
    record = folder / "flood.ndjson"
    with server() as address, tap(address, "--quiet", "--record", str(record)) as (place, process):
        start = time.perf_counter()
        received = _talk(place)
        seconds = time.perf_counter() - start
        process.ask_to_stop()
        process.wait()
        judged = time.perf_counter() - start - seconds
    _require_all(received)
    events = read_transcript(record).events
    sent = sum(event.data.count(b"\n") for event in events if event.kind is Kind.CLIENT_DATA)
    got = sum(data.count(b"\n") for data in received)
    _require(sent == MESSAGES + CLIENTS, f"the record holds {sent} frames of the clients")
    for number, data in enumerate(received, 1):
        own = [event.data for event in events if event.connection == f"c{number}" and event.kind is Kind.SERVER_DATA]
        _require(b"".join(own).startswith(data), f"the record of connection {number} is another one")
    _require(process.status == 0, f"the verdict is {process.status}")
    return (
        f"{MESSAGES:,} messages, {got:,} deliveries: all there, once and in order, here and in the record of "
        f"{len(events):,} events; {MESSAGES / seconds:,.0f} messages a second, {got / seconds:,.0f} deliveries a "
        f"second; the verdict (exit code 0) took {judged:.0f} s"
    )


def _talk(address: Address) -> list[bytes]:
    clients = [Client(address, f"client{number}") for number in range(CLIENTS)]
    frames = 0
    for first in range(0, MESSAGES // CLIENTS, AT_ONCE):
        for number, client in enumerate(clients):
            numbers = range(first, first + AT_ONCE)
            client.send(b"".join(b'{"type":"message","content":"%d:%d"}\n' % (number, at) for at in numbers))
        frames += AT_ONCE * CLIENTS
        for number, client in enumerate(clients):
            client.read_until(frames + CLIENTS - number)
    for client in clients:
        client.close()
    return [bytes(client.received) for client in clients]


def _require_all(received: list[bytes]) -> None:
    for number, data in enumerate(received):
        seen: dict[bytes, int] = {}
        for sender, at in _CONTENT.findall(data):
            _require(int(at) == seen.get(sender, 0), f"client {number} got {at!r} of {sender!r} out of order")
            seen[sender] = int(at) + 1
        _require(list(seen.values()) == [MESSAGES // CLIENTS] * CLIENTS, f"client {number} got {seen}")


def _require(held: bool, otherwise: str) -> None:  # noqa: FBT001  the condition is what it is about
    if not held:
        raise AssertionError(otherwise)


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory(prefix="chatproof-") as name:
        folder = Path(name)
        found = measure_round_trips(folder)
        direct = statistics.median(found["no tap"])
        _say(f"{'round trip, ms':<24}{'median':>8}{'p99':>8}{'added to the median':>22}")
        for way, seconds in found.items():
            median, late = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
            _say(f"{way:<24}{median * 1000:>8.3f}{late * 1000:>8.3f}{(median - direct) * 1000:>22.3f}")
        _say(flood(folder))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
