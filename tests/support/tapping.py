"""What the tests of the tap share: a tap in a thread, one as a program, and a server that does what a test says."""

import contextlib
import json
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from chatproof_common.system.event_loop import READ, Loop
from chatproof_common.system.sockets import listen
from chatproof_conformance.apps.tap.capture.capture import Capture
from chatproof_conformance.apps.tap.proxy.connector import find_routes
from chatproof_conformance.apps.tap.proxy.faults import read_faults
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxyContext
from chatproof_conformance.apps.tap.proxy.proxy import Proxy
from chatproof_conformance.apps.tap.recorder import Recorder
from chatproof_schemas.transcript import Kind

SECONDS = 30.0
"""After which a wait has failed."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Tapping:
    """A tap in a thread: its address, its record, and what it has told of clients that it could not serve."""

    def __init__(self, to, *faults, framing="lf", seed=0, file=None, pcap=None):
        self.heard = threading.Condition()
        self.told = []
        self.recorder = Recorder(framing, file, self._hear)
        self.loop = Loop()
        listening = listen(("127.0.0.1", 0))
        self.address = listening.getsockname()
        self.capture = None if pcap is None else Capture(pcap)
        context = ProxyContext(read_faults(faults), seed, self.loop, self.recorder, self.capture)
        self.proxy = Proxy(listening, find_routes(*to[:2]), context, self.told.append)
        self._wake, wakened = socket.socketpair()
        self._wakened = wakened
        self._stopping = False
        self.loop.watch(wakened, READ, lambda _: wakened.recv(1))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def events(self):
        return list(self.recorder.transcript.events)

    def kinds(self, connection="c1"):
        return [event.kind for event in self.events if event.connection == connection]

    def bytes_of(self, kind, connection="c1"):
        return [event.data for event in self.events if event.connection == connection and event.kind is kind]

    def wait_for(self, kind, count=1):
        """Wait until so many events of a kind are recorded."""
        with self.heard:
            done = self.heard.wait_for(lambda: sum(e.kind is kind for e in self.events) >= count, SECONDS)
        assert done, f"no {kind} was recorded: {self.events}"

    def close(self):
        self._stopping = True
        self._wake.send(b"!")
        self._thread.join()
        self.proxy.close()
        if self.capture is not None:
            self.capture.close()
        self.loop.close()
        self._wake.close()
        self._wakened.close()

    def _hear(self, _):
        with self.heard:
            self.heard.notify_all()

    def _run(self):
        while not self._stopping:
            self.loop.turn(time.monotonic() + SECONDS)
            self.recorder.flush()


@contextlib.contextmanager
def tapping(to, *faults, **facts):
    tap = Tapping(to, *faults, **facts)
    try:
        yield tap
    finally:
        tap.close()


@contextlib.contextmanager
def pair(*faults, host="127.0.0.1", **facts):
    """Yield a client's socket, the server's socket of the same tapped connection, and the tap."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.create_server((host, 0), family=family) as server,
        tapping(server.getsockname(), *faults, **facts) as tap,
    ):
        server.settimeout(SECONDS)
        with connect(tap.address) as client, server.accept()[0] as served:
            served.settimeout(SECONDS)
            served.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield client, served, tap


def connect(address):
    client = socket.create_connection(address, SECONDS)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def reset(which):
    which.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    which.close()


def read_exactly(which, size):
    data = b""
    while len(data) < size:
        piece = which.recv(size - len(data))
        assert piece, f"the stream ended after {data!r}"
        data += piece
    return data


def read_to_end(which):
    data = b""
    while piece := which.recv(65536):
        data += piece
    return data


def command(*words):
    return [sys.executable, "-m", "chatproof_common.command_line.main", "tap", *map(str, words)]


class Program:
    """``chatproof tap`` as a process, from its first line to its end."""

    def __init__(self, words, folder=None):
        self.process = subprocess.Popen(
            # Unbuffered: what a buffer had read ahead of the first line, communicate() would not return.
            words,
            bufsize=0,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        first = self.process.stdout.readline().decode()
        place = json.loads(first)["address"] if first.startswith("{") else first.split()[-1]
        host, _, port = place.rpartition(":")
        self.address = (host, int(port))

    def next_line(self, containing):
        """Return the next line with this text in it."""
        for line in self.process.stdout:
            if containing in line.decode():
                return line.decode()
        raise AssertionError(f"no line has {containing!r}; {self.process.stderr.read()!r}")

    def end(self, number=signal.SIGINT):
        """Ask it to end; return its exit code, and the rest of what it says."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self):
        output, errors = self.process.communicate(timeout=SECONDS)
        text = output.decode() + errors.decode()
        assert "Traceback" not in text, text
        return self.process.returncode, text


@contextlib.contextmanager
def program(to, *words, folder=None, before=()):
    """Run ``chatproof tap``; ``before`` are words that start it in their own way."""
    place = f"{to[0]}:{to[1]}" if isinstance(to, tuple) else to
    tap = Program([*before, *command("--to", place, *words)], folder)
    try:
        yield tap
    finally:
        if tap.process.poll() is None:
            tap.process.kill()
            tap.process.communicate()


def sends(tap, *frames):
    """Send frames over a connection of its own, end it in order, and return what came until the server's end."""
    with connect(tap.address) as client:
        client.sendall(b"".join(frames))
        client.shutdown(socket.SHUT_WR)
        return read_to_end(client)


SENT, GOT = Kind.CLIENT_DATA, Kind.SERVER_DATA
