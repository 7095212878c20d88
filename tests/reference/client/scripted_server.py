"""A server that says what a test tells it to, on one connection at a time."""

import contextlib
import json
import socket


class ScriptedServer:
    """Listens on a free port; frames go out as raw bytes, so that they may be wrong in any way."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.port = self._listener.getsockname()[1]
        self.peer = None
        self._lines = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()
        self._listener.close()

    def accept(self):
        self.peer, _ = self._listener.accept()
        self.peer.settimeout(10)
        self._lines = self.peer.makefile("rb")

    def read(self):
        return json.loads(self.read_bytes())

    def read_bytes(self):
        return self._lines.readline()

    def send(self, **message):
        self.send_bytes(json.dumps(message).encode() + b"\n")

    def send_bytes(self, data):
        self.peer.sendall(data)

    def welcome(self):
        """Take a connection and let it join; return the name."""
        self.accept()
        username = self.read()["username"]
        self.send(type="system", message=f"{username} joined the chat", timestamp="10:00:00")
        return username

    def hang_up(self):
        if self.peer is not None:
            with contextlib.suppress(OSError):
                self.peer.shutdown(socket.SHUT_RDWR)
            self._lines.close()
            self.peer.close()
            self.peer = None
