"""Engines whose replies never end: a node bounds them in time and in bytes, and can be stopped meanwhile."""

import contextlib
import itertools
import socket
import subprocess
import threading
import time

import pytest

from reference.server.cluster.test_cluster_faults import is_ended
from support.asking import APART, NUMBERS
from support.node_program import COMMAND


def drip():
    """Yield a reply that never ends, a byte at a time."""
    while True:
        yield b"+"
        time.sleep(0.05)


def pour():
    """Yield one that would be 100 GB."""
    yield b"$99999999999\r\n"
    yield from itertools.repeat(b"x" * 65_536)


def scrawl():
    """Yield an error that is a command to a terminal, and long."""
    yield b"-ERR \x1b[2J" + b"x" * 1000 + b"\r\n"
    time.sleep(5)


class EndlessEngine:
    """Replies without an end, at once, or once it is told to: until then it passes on what another engine replies."""

    def __init__(self, reply, port=None):
        self.reply, self.port = reply, port
        self.is_endless = threading.Event()
        if port is None:
            self.is_endless.set()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listening.getsockname()[1]}"
        self.sockets = [self.listening]
        self.begin(self.accept)

    def begin(self, work, *arguments):
        def quietly():
            with contextlib.suppress(OSError):
                work(*arguments)

        threading.Thread(target=quietly, daemon=True).start()

    def accept(self):
        while True:
            node = self.listening.accept()[0]
            self.sockets.append(node)
            if self.is_endless.is_set():
                self.begin(self.answer, node)
                continue
            engine = socket.create_connection(("127.0.0.1", self.port))
            self.sockets.append(engine)
            self.begin(self.pass_on, node, engine)
            self.begin(self.answer, node, engine)

    def pass_on(self, node, engine):
        while data := node.recv(65_536):
            engine.sendall(data)

    def answer(self, node, engine=None):
        while not self.is_endless.is_set():
            node.sendall(engine.recv(65_536))
        for piece in self.reply():
            node.sendall(piece)

    def stop(self):
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def endless():
    engines = []

    def make(*arguments):
        engines.append(EndlessEngine(*arguments))
        return engines[-1]

    yield make
    for engine in engines:
        engine.stop()


@pytest.mark.parametrize(
    ("reply", "said"),
    [(drip, "It did not finish its reply within 0.6 seconds"), (pour, "Its reply has more than 32 MiB")],
)
def test_a_node_does_not_begin_at_an_engine_whose_replies_never_end_or_are_no_text_for_people(endless, reply, said):
    words = ["--cluster", endless(reply).url, "--cluster-bound", "1.2", "--cluster-lease", "0.6"]
    done = subprocess.run(
        [*COMMAND, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
    )
    assert said in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 500
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_stops_it_while_it_waits_for_the_engine(endless, number):
    engine = endless(drip)
    command = [*COMMAND, "--cluster", engine.url, "--cluster-bound", "600"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **APART
    ) as process:
        deadline = time.monotonic() + 20
        while len(engine.sockets) == 1:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(5) == 0  # it would wait for 300 seconds
        assert process.stdout.read() == process.stderr.read() == b""


@pytest.mark.needs("redis-server")
@pytest.mark.parametrize("reply", [drip, pour])
def test_a_node_ends_its_clients_at_the_bound_if_replies_stop_ending(endless, nodes, join, shared_engine, reply):
    engine = endless(reply, shared_engine.port)
    (node,) = nodes(1, url=engine.url, cluster_lease=0.6, cluster_bound=1.2)
    alice = join(node, "Alice")
    engine.is_endless.set()
    began = time.monotonic()
    assert is_ended(alice)
    assert time.monotonic() - began < 6.0
