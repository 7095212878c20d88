"""What a tap does if it has too little of something: descriptors, memory, a server that is not itself."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time

import pytest

from chatproof_common.system.ports import free_port
from chatproof_conformance.apps.tap.display import display_thread
from chatproof_conformance.apps.tap.display.display_thread import DisplayThread
from chatproof_conformance.apps.tap.recorder import Recorder
from chatproof_schemas.transcript import Kind
from conformance.apps.tap.display.test_display_thread import WRITER, SlowTerminal, sent
from support.recordings import frame, join, notice
from support.tapping import command, connect, program, read_exactly, reset


@contextlib.contextmanager
def accepting():
    """Yield the address of a server that takes every connection, says a word on it, and keeps it."""
    kept = []
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    kept.append(client)
                    client.sendall(b"welcome\n")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()
        server.shutdown(socket.SHUT_RDWR)
    for client in kept:
        client.close()


@pytest.mark.skipif(not shutil.which("prlimit"), reason="no program prlimit")
def test_without_descriptors_clients_wait_or_are_reset_and_told_of_and_the_tap_goes_on():
    with accepting() as server, program(server, "--quiet", before=("prlimit", "--nofile=60:60")) as tap:
        clients = []
        for _ in range(60):
            with contextlib.suppress(ConnectionResetError):  # it may come before we see that we are connected
                clients.append(connect(tap.address))
        ends = 60 - len(clients)
        for client in clients:
            client.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                try:
                    ends += client.recv(8) != b"welcome\n"
                except ConnectionResetError:
                    ends += 1
        for client in clients:
            reset(client)
        give_up = time.monotonic() + 30
        while not is_welcome(tap.address):  # until the tap has seen that they went
            ends += 1
            assert time.monotonic() < give_up
        _, text = tap.end()
    assert "Too many open files" in text
    assert text.count("clients must wait") <= 3
    assert text.count("was reset") >= ends > 0


def is_welcome(address):
    try:
        with connect(address) as client:
            return read_exactly(client, 8) == b"welcome\n"
    except ConnectionResetError:
        return False


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_a_tap_to_itself_is_refused(listen):
    port = free_port()
    done = subprocess.run(
        command("--listen", f"{listen}:{port}", "--to", f"127.0.0.1:{port}"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    reason = "that is the tap itself; expected the server's address"
    assert done.stderr == f"chatproof tap: --to 127.0.0.1:{port}: {reason}\n"


def test_a_record_is_bounded_and_what_passes_after_that_is_passed_on_and_told_of(tmp_path):
    file = tmp_path / "record.ndjson"
    with accepting() as server, program(server, "--record-mib", 1, "--record", file) as tap:
        with connect(tap.address) as client:
            assert read_exactly(client, 8) == b"welcome\n"
            for _ in range(30):
                client.sendall((b'{"type":"message","content":"' + b"x" * 970 + b'"}\n') * 100)
            tap_says = tap.process.stderr.readline().decode()
        _, text = tap.end()
    assert tap_says == (
        "chatproof tap: 1 MiB are recorded (--record-mib): what follows is passed on, but neither shown nor judged\n"
    )
    assert "are recorded" not in text
    assert 500_000 < file.stat().st_size < 2_500_000


def test_a_full_record_says_that_not_all_had_arrived():
    recorder = Recorder("lf", None, lambda _: None, most_bytes=1000)
    recorder.append("c1", Kind.CLIENT_DATA, join("ann"))
    assert not recorder.is_full
    recorder.append("c1", Kind.SERVER_DATA, notice("ann") * 20)
    recorder.append("c1", Kind.CLIENT_DATA, frame(type="message", content="x"))
    assert recorder.is_full
    assert len(recorder.transcript.events) == 1  # not a later one either: that would be a gap
    recorder.finish(settled=True)
    assert not recorder.transcript.settled


def test_what_waits_for_a_slow_terminal_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(display_thread, "_MOST_WAITING_BYTES", 100_000)
    terminal = SlowTerminal()
    display = DisplayThread(WRITER, terminal, "lf")
    display.show(sent(join("ann")))
    assert terminal.reached.wait(30)
    for number in range(100):
        display.show(sent(frame(type="message", content=f"number {number}") * 100))
    terminal.let_go.set()
    display.close()
    lines = terminal.getvalue().splitlines()
    shown = sum("number" in line for line in lines)
    assert 1000 < shown < 4000
    assert lines[-1].startswith(f"… {10_000 - shown:,} lines left out")
