"""An hour of trouble in a few seconds: nothing grows, and a stop under load is still in order."""

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from support.asking import APART, ask_to_stop

COMMAND = [
    sys.executable,
    "-m",
    "chatproof_common.command_line.main",
    "server",
    "--headless",
    "--port",
    "0",
    "--log-level",
    "error",
]
GROWTH_KIB = 3000
BAD = b'nonsense\n[]\n{"type":"message"}\n\xff\n' + b"[" * 1000 + b"\n" + b"x" * 3000 + b"\n"


@pytest.fixture
def server():
    with subprocess.Popen(COMMAND, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **APART) as process:
        process.address = ("127.0.0.1", int(process.stdout.readline().rpartition(b":")[2]))
        yield process
        process.kill()


def held(process):
    """Return the threads, the descriptors and the resident KiB of a process."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    descriptors = sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())
    return int(status["Threads"]), descriptors, int(status["VmRSS"].split()[0])


def trouble(address, number):
    """One connection that joins, floods, errs, and goes in one of four ways."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(b'{"type":"join","username":"s%d"}\n' % number + BAD)
        flood = json.dumps({"type": "message", "content": "x" * 800}).encode() + b"\n"
        way = number % 4
        with contextlib.suppress(OSError):
            client.sendall(flood * 40)
            if way:
                client.recv(65_536)
            if way == 1:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif way == 2:
                client.sendall(b'{"type":"mess')
            elif way == 3:
                client.shutdown(socket.SHUT_WR)
                while client.recv(65_536):
                    pass


def cycle(process, before):
    callers = [threading.Thread(target=trouble, args=(process.address, number)) for number in range(40)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    deadline = time.monotonic() + 20
    while any(now > then for now, then in zip(held(process)[:2], before[:2], strict=True)):
        assert time.monotonic() < deadline, f"threads and descriptors: {before[:2]} before, {held(process)[:2]} after"
        time.sleep(0.02)
    return held(process)[2]


def test_nothing_grows_under_trouble(server):
    before = held(server)
    first = [cycle(server, before) for _ in range(4)][-1]
    last = [cycle(server, before) for _ in range(8)][-1]
    assert last - first < GROWTH_KIB
    ask_to_stop(server)
    assert server.wait(10) == 0


def test_a_stop_under_load_is_in_order(server, connect):
    class Address:
        address = server.address

    peers = [connect(Address) for _ in range(8)]
    for number, peer in enumerate(peers):
        peer.join(f"n{number}")

    def flood(peer):
        with contextlib.suppress(OSError):
            while True:
                peer.send({"type": "message", "content": "x" * 100})

    endings = []

    def read(peer):
        last = b""
        for last in iter(peer.line, b""):  # noqa: B007  the last one is what counts
            pass
        endings.append(json.loads(last)["type"])

    senders = [threading.Thread(target=flood, args=(peer,)) for peer in peers[:4]]
    readers = [threading.Thread(target=read, args=(peer,)) for peer in peers]
    for thread in senders + readers:
        thread.start()
    peers[0].socket.setblocking(True)  # noqa: FBT003  the name of the method says it
    ask_to_stop(server)
    assert server.wait(10) == 0
    for thread in senders + readers:
        thread.join(10)
    assert endings == ["system"] * 8
