"""A running server, and peers that speak to it over real sockets."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from chatproof_reference.server import ChatServer, ServerOptions

DEADLINE = 10.0
FENCE = {"type": "fence"}


class RawClient:
    """A client that sends bytes and reads messages, one at a time; every wait has a deadline."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, *messages):
        self.send_bytes(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    def send_bytes(self, data):
        self.socket.sendall(data)

    def line(self):
        return self.file.readline()

    def read(self):
        line = self.line()
        assert line.endswith(b"\n"), f"expected a frame, got {line!r} and the end of the stream"
        return json.loads(line)

    def read_many(self, count):
        return [self.read() for _ in range(count)]

    def read_until_fence(self):
        """Return what comes before the answer to a frame of an unknown type, sent now."""
        self.send(FENCE)
        messages = []
        while (message := self.read()).get("code") != "unknown_type":
            messages.append(message)
        return messages

    def join(self, username):
        self.send({"type": "join", "username": username})
        notice = self.read()
        assert (notice["type"], notice["message"]) == ("system", f"{username} joined the chat")
        return self

    def say(self, content):
        self.send({"type": "message", "content": content})

    def is_at_end(self):
        return self.line() == b""

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def start() -> Iterator[Callable[..., ChatServer]]:
    servers = []

    def start_one(**options) -> ChatServer:
        server = ChatServer("127.0.0.1", 0, ServerOptions(**options))
        server.start_server()
        servers.append(server)
        return server

    yield start_one
    for server in servers:
        server.stop_server()


@pytest.fixture
def server(start) -> ChatServer:
    return start()


@pytest.fixture
def connect() -> Iterator[Callable[[ChatServer], RawClient]]:
    peers = []

    def connect_one(server) -> RawClient:
        peers.append(RawClient(server.address))
        return peers[-1]

    yield connect_one
    for peer in peers:
        peer.close()


@pytest.fixture
def join(connect) -> Callable[[ChatServer, str], RawClient]:
    def join_one(server, username) -> RawClient:
        return connect(server).join(username)

    return join_one


@pytest.fixture
def chat(server, join):
    """Two joined peers whose own notices have been read."""
    alice, bob = join(server, "Alice"), join(server, "Bob")
    alice.read()
    return alice, bob
