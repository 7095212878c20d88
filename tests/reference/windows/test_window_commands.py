"""The commands that open the windows."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from chatproof_common.system.sockets import accepts
from reference.client.scripted_server import ScriptedServer

CHATPROOF = [sys.executable, "-m", "chatproof_common.command_line.main"]


@pytest.mark.parametrize("command", ["client", "server"])
def test_with_no_display_the_command_names_the_way_without(command):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [*CHATPROOF, command], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "--headless" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.needs("Xvfb")
@pytest.mark.needs("xdotool")
def test_the_client_command_joins_at_once_and_ends_its_connection_when_closed(desktop):
    with ScriptedServer() as server:
        process = subprocess.Popen(
            [*CHATPROOF, "client", f"127.0.0.1:{server.port}", "--username", "alice"], env=desktop.environment
        )
        try:
            assert server.welcome() == "alice"
            desktop.do("mousemove", "300", "300", "click", "1", "key", "ctrl+q")
            assert server.read_bytes() == b""
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()


@pytest.mark.needs("Xvfb")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_of_a_window_in_order(desktop, number, port):
    process = subprocess.Popen(
        [*CHATPROOF, "server", "--port", str(port)], env=desktop.environment, stderr=subprocess.PIPE, text=True
    )
    try:
        desktop.do("search", "--sync", "--onlyvisible", "--name", "TCP Chat Server")
        desktop.do("mousemove", "300", "300", "key", "ctrl+r")
        with accepted(port) as alice:
            alice.sendall(b'{"type":"join","username":"alice"}\n')
            lines = alice.makefile("rb")
            assert b"alice joined the chat" in lines.readline()
            process.send_signal(number)
            assert b"The server is stopping" in lines.readline()
            assert lines.readline() == b""
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.needs("Xvfb")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_of_a_client_in_order(desktop, number):
    with ScriptedServer() as server:
        process = subprocess.Popen(
            [*CHATPROOF, "client", f"127.0.0.1:{server.port}", "--username", "alice"],
            env=desktop.environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.welcome() == "alice"
            process.send_signal(number)
            assert server.read_bytes() == b""
            assert process.wait(20) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


def accepted(port):
    assert wait_until(lambda: accepts(("localhost", port), 1.0))
    return socket.create_connection(("localhost", port), timeout=20)


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met
