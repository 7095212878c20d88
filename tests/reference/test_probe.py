"""The probe tells a server that answers from one that only accepts, says something else, or is not there."""

import socket
import subprocess
import sys
import threading

import pytest

from chatproof_reference.probe import main, probe
from chatproof_reference.server import ChatServer, ServerOptions

REFUSED = b'{"type":"error","message":"no","code":"invalid_message"}\n'


class Answering:
    """Accepts one connection, and answers each line that it gets by these parts, or ends the connection."""

    def __init__(self, *parts):
        self._parts = parts
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self.address

    def __exit__(self, *_):
        self._thread.join(10)
        self._socket.close()

    def _serve(self):
        connection, _ = self._socket.accept()
        with connection:
            assert connection.recv(100) == b"{}\n"
            for part in self._parts:
                connection.sendall(part)


def test_the_reference_server_answers_and_nobody_joins():
    server = ChatServer("127.0.0.1", 0, ServerOptions())
    server.start_server()
    try:
        host, port = server.address
        assert (probe(host, port), main([f"{host}:{port}"])) == ("", 0)
        totals = server.totals()
        assert (totals.joins, sum(totals.refused.values())) == (0, 2)
    finally:
        server.stop_server()


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([REFUSED], ""),
        ([REFUSED[:9], REFUSED[9:]], ""),
        ([], "it ended the connection without an answer"),
        ([REFUSED[:-1]], "it ended the connection without an answer"),
        ([b'{"type":"welcome"}\n'], "it answered, but not with an error message"),
        ([b"HTTP/1.1 400 Bad Request\r\n"], "it answered what is no message"),
        ([b"[]\n"], "it answered what is no message"),
        ([b"x" * 5000], "it answered what is no message"),
    ],
)
def test_what_is_answered(parts, problem):
    with Answering(*parts) as address:
        assert probe(*address) == problem


def test_a_server_that_only_accepts_is_not_waited_for_long():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimeoutError):
        probe(*silent.getsockname(), timeout=0.05)


def test_the_command_says_what_is_wrong():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    words = [sys.executable, "-I", "-m", "chatproof_reference.probe"]
    done = subprocess.run([*words, f"127.0.0.1:{port}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"127.0.0.1:{port}: Connection refused\n")
    done = subprocess.run([*words, "127.0.0.1"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m chatproof_reference.probe [HOST:PORT]: write HOST:PORT")
