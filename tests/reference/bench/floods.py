"""Measures what floods cost everybody else: latency and memory under 300 floods, and who of slow readers is dropped.

Run: ``python tests/reference/bench/floods.py [--command "… {port}"] [--seconds N] [--rounds N] [--only WORD …]``. With
several commands they are measured in turn, in each round. Exits with 1 if the last command misses a bar.
"""

import argparse
import itertools
import multiprocessing
import os
import re
import selectors
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from chatproof_common.system.limits import allow_files

FLOODS = 300
P99_BAR, MEMORY_BAR, STOP_BAR = 0.020, 100.0, 3.0
"""Seconds, MiB, seconds."""
LINES = {"1": b"1\n", "{}": b"{}\n", "blank": b"\n", "public": b'{"type":"message","content":"x"}\n'}
SHORT = ("1", "{}", "blank")
KB_READ = (50, 200, 1_000, 5_000, 20_000)
"""By readers, in a second."""
_SERVER = f"{shlex.quote(sys.executable)} -m chatproof_common.command_line.main server --headless --port {{port}}"
_WARM_SECONDS = 1.0
_READ_EACH = 0.05
_Port = int


class Server:
    """One that is started, and measured from outside."""

    def __init__(self, command: str) -> None:
        """Start it; its log is left out."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: _Port = free.getsockname()[1]
        words = shlex.split(command.replace("{port}", str(self.port)))
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", self.port)):
                time.sleep(0.02)

    @property
    def peak_mib(self) -> float:
        """The most memory that it has had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        found = re.search(r"VmHWM:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0

    def stop(self) -> float:
        """Ask it to end; return the seconds that it has taken."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(120)
        finally:
            self._process.kill()
            self._process.wait()
        return time.monotonic() - began


def connect(port: _Port, username: str = "") -> socket.socket:
    """Return a connection; joined, if a name is given."""
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if username:
        connection.sendall(b'{"type":"join","username":"%s"}\n' % username.encode())
        connection.recv(4096)
    return connection


@contextmanager
def apart(what: Callable[..., None], *words: object) -> Iterator[None]:
    """Do something in a process of its own while the block runs."""
    process = multiprocessing.Process(target=what, args=words, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


@dataclass(frozen=True)
class Kind:
    """A kind of flood: its line, by name; whether who sends it has joined, and whether it reads what it gets."""

    line: str
    joined: bool
    reads: bool

    def __str__(self) -> str:
        """The row of the table."""
        reading = "reading" if self.reads else "unread"
        return f"{'joined' if self.joined else 'unjoined'}, {reading}, lines of {self.line}"


def flood(port: _Port, count: int, kind: Kind, ready: Event) -> None:
    """Send a line again and again on many connections, as fast as they take it, for ever."""
    allow_files()
    line, reads = LINES[kind.line], kind.reads
    block = line * (65_536 // len(line))
    selector = selectors.DefaultSelector()
    for number in range(count):
        connection = connect(port, f"flood{number}" if kind.joined else "")
        connection.setblocking(False)  # noqa: FBT003  the standard library's signature
        selector.register(connection, selectors.EVENT_WRITE | (selectors.EVENT_READ if reads else 0))
    ready.set()
    while selector.get_map() or not count:
        for key, events in selector.select():
            assert isinstance(key.fileobj, socket.socket)
            try:
                if events & selectors.EVENT_READ and not key.fileobj.recv(1 << 18):
                    raise ConnectionError
                if events & selectors.EVENT_WRITE:
                    key.fileobj.send(block)
            except BlockingIOError:
                pass
            except OSError:
                selector.unregister(key.fileobj)


def latencies(port: _Port, seconds: float, pause: float = 0.02) -> list[float]:
    """Return how long each private message of an honest pair takes."""
    alice, bob = connect(port, "alice"), connect(port, "bob")
    threading.Thread(target=_drain, args=(alice,), daemon=True).start()
    taken, lines, end = [], bob.makefile("rb"), time.monotonic() + seconds
    while time.monotonic() < end:
        content = b"at %d" % time.monotonic_ns()
        began = time.monotonic()
        alice.sendall(b'{"type":"private_message","target":"bob","content":"%s"}\n' % content)
        while content not in lines.readline():
            pass
        taken.append(time.monotonic() - began)
        time.sleep(pause)
    return taken


def _drain(connection: socket.socket) -> None:
    try:
        while connection.recv(1 << 18):
            pass
    except OSError:
        pass


@dataclass(frozen=True)
class Row:
    """What one flood has cost: seconds, and MiB."""

    p50: float
    p99: float
    most: float
    peak: float
    stop: float

    @property
    def holds(self) -> bool:
        """Whether no bar is missed."""
        return self.p99 <= P99_BAR and self.peak <= MEMORY_BAR and self.stop <= STOP_BAR

    def __str__(self) -> str:
        """One line of the table."""
        times = f"p50 {self.p50 * 1000:8.1f} ms  p99 {self.p99 * 1000:8.1f} ms  max {self.most * 1000:8.1f} ms"
        return f"{times}  {self.peak:6.0f} MiB  stop {self.stop:5.1f} s"


def under_floods(command: str, kind: Kind, floods: int, seconds: float) -> Row:
    """Measure an honest pair while many connections send short lines as fast as they can."""
    server, ready = Server(command), multiprocessing.Event()
    with apart(flood, server.port, floods, kind, ready):
        ready.wait(120)
        time.sleep(_WARM_SECONDS)
        taken = sorted(latencies(server.port, seconds))
        peak, stop = server.peak_mib, server.stop()
    return Row(statistics.median(taken), taken[int(len(taken) * 0.99)], taken[-1], peak, stop)


def dropped(command: str, floods: int, seconds: float) -> tuple[list[int], dict[int, float]]:
    """Let readers of several speeds read what many flood: who is dropped, in KB/s, and how many KB/s each has read."""
    server = Server(command)
    readers = {speed: connect(server.port, f"reader{speed}") for speed in KB_READ}
    gone, taken = [], dict.fromkeys(KB_READ, 0)

    def read(speed: int, connection: socket.socket) -> None:
        most, due = int(speed * 1000 * _READ_EACH), time.monotonic()
        while not over.is_set():
            left = most
            while left > 0 and not over.is_set():
                try:
                    data = connection.recv(left)
                except OSError:
                    data = b""
                if not data:
                    if not over.is_set():
                        gone.append(speed)
                    return
                left -= len(data)
                taken[speed] += len(data)
            due = max(due + _READ_EACH, time.monotonic())
            over.wait(max(0.0, due - time.monotonic()))

    over = threading.Event()
    threads = [threading.Thread(target=read, args=one, daemon=True) for one in readers.items()]
    with apart(flood, server.port, floods, Kind("public", joined=True, reads=True), multiprocessing.Event()):
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        over.set()
        server.stop()
    return sorted(gone), {speed: read / 1000 / seconds for speed, read in taken.items()}


def main() -> int:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", action="append", help="a server to start (default: the bundled one)")
    parser.add_argument("--floods", type=int, default=FLOODS, help="0 shows what the machine alone costs")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=(), metavar="WORD", help="rows with all these words")
    options = parser.parse_args()
    commands = options.command or [_SERVER]
    rows: dict[tuple[int, str], list[Row]] = {}
    lost: list[int] = []
    for _ in range(options.rounds):
        for kind in _kinds(options.only):
            for place, command in enumerate(commands):
                row = under_floods(command, kind, options.floods, options.seconds)
                rows.setdefault((place, str(kind)), []).append(row)
                print(f"{place} {kind!s:<34} {row}   load {os.getloadavg()[0]:.1f}", flush=True)
        if not options.only:
            for place, command in enumerate(commands):
                gone, read = dropped(command, 20, options.seconds * 2)
                lost += gone if place == len(commands) - 1 else []
                speeds = ", ".join(f"{speed}: {taken:.0f}" for speed, taken in read.items())
                print(f"{place} 20 floods, readers in KB/s: dropped {gone}; read {speeds}", flush=True)
    middles = {key: _middle(some) for key, some in rows.items()}
    for (place, kind), middle in middles.items():
        print(f"median {place} {kind:<34} {middle}{'' if middle.holds else '   MISSED'}")
    return int(bool(lost) or not all(row.holds for (place, _), row in middles.items() if place == len(commands) - 1))


def _kinds(only: Collection[str]) -> Iterator[Kind]:
    for joined, reads, line in itertools.product((False, True), (False, True), SHORT):
        kind = Kind(line, joined, reads)
        if set(only) <= set(re.split("[, ]+", str(kind))):
            yield kind


def _middle(rows: Sequence[Row]) -> Row:
    return Row(*map(statistics.median, zip(*map(astuple, rows), strict=True)))


if __name__ == "__main__":
    sys.exit(main())
