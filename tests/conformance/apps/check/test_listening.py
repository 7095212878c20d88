"""``chatproof check-client --listen``: a client with no driver, used by a person; here a script plays both."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import run_command


class Terminal:
    """The command, with its terminal read by a person."""

    def __init__(self, folder, *words):
        command = [Path(sys.executable).with_name("chatproof"), "check-client", "--listen", "0", *words]
        self._process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            env={"PYTHONUNBUFFERED": "1", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self.read = ""

    def until(self, words):
        while words not in self.read:
            line = self._process.stdout.readline()
            assert line, self.read
            self.read += line
        return self.read

    def port(self):
        found = re.search(r"127\.0\.0\.1:(\d+)", self.until("Connect your client to"))
        return int(found[1])

    def end(self):
        rest, errors = self._process.communicate(timeout=60)
        assert errors == ""
        self.read += rest
        return self._process.returncode

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate(timeout=10)


@pytest.fixture
def terminal(tmp_path):
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.kill()


def send(client, **message):
    client.sendall(json.dumps(message).encode() + b"\n")


def use(terminal, client, long="ok"):
    """Do what the terminal asks for."""
    terminal.until("Send a public message")
    send(client, type="message", content="hello")
    terminal.until("Send a private message to harness")
    send(client, type="private_message", target="harness", content="psst")
    terminal.until("more than 1,100 characters")
    send(client, type="message", content=long)


def test_a_client_that_conforms_on_the_wire(terminal):
    with socket.create_connection(("127.0.0.1", terminal.port()), timeout=30) as client:
        send(client, type="join", username="ann")
        use(terminal, client)
        terminal.until("Send: still here")
        send(client, type="message", content="still here")
        got = client.makefile("rb").read()
    assert terminal.end() == 0
    assert "✓ CLIENT-1   CLIENT-2\n" in terminal.read
    assert (
        "not tested: it survived 17 bad frames; whether it told its user, only its screen shows that" in terminal.read
    )
    assert "The client conforms. 2 passed, 15 not tested of 17 requirements" in terminal.read
    assert b"ann joined the chat" in got
    assert b'"delivered":true' in got.replace(b" ", b"")


def test_a_client_that_cuts_and_one_that_dies_of_bad_frames(terminal):
    with socket.create_connection(("127.0.0.1", terminal.port()), timeout=30) as client:
        send(client, type="join", username="ann")
        use(terminal, client, long="x" * 1200)
        terminal.until("Send: still here")
    assert terminal.end() == 1
    assert "FAIL CLIENT-2" in terminal.read
    assert "a frame of at most 1024 bytes" in terminal.read
    assert "FAIL CLIENT-4" in terminal.read
    assert "a client to go on after bad frames" in terminal.read


def test_what_is_saved_has_no_user_to_play(tmp_path):
    terminal = Terminal(tmp_path, "--save", "failures")
    try:
        with socket.create_connection(("127.0.0.1", terminal.port()), timeout=30) as client:
            send(client, type="message", content="hi")
            client.recv(100)
        assert terminal.end() == 1
    finally:
        terminal.kill()
    done = run_command("replay", "failures/CLIENT-1-on_the_wire.ndjson", folder=tmp_path)
    assert done.returncode == 2
    assert "was made with --listen" in done.stderr


def test_a_first_frame_that_is_no_join(terminal):
    with socket.create_connection(("127.0.0.1", terminal.port()), timeout=30) as client:
        send(client, type="message", content="hi")
        assert client.recv(100) == b""
    assert terminal.end() == 1
    assert "FAIL CLIENT-1" in terminal.read
    assert "repeat    chatproof check-client --listen 0\n" in terminal.read
