"""Peers as the original programs are: no LF, and whatever one recv returns is a message."""

import json
import socket

import pytest


class OriginalPeer:
    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=10)

    def send(self, message):
        self.socket.send(json.dumps(message).encode())

    def receive(self):
        return json.loads(self.socket.recv(1024).decode())


@pytest.fixture
def original(server):
    peer = OriginalPeer(server.address)
    yield peer
    peer.socket.close()


def test_an_original_client_joins_and_chats(server, original, join):
    original.send({"type": "join", "username": "Old"})
    assert original.receive()["message"] == "Old joined the chat"
    new = join(server, "New")
    assert original.receive()["message"] == "New joined the chat"
    original.send({"type": "message", "content": "hi"})
    assert new.read()["content"] == original.receive()["content"] == "hi"
    original.send({"type": "private_message", "target": "New", "content": "psst"})
    assert new.read()["content"] == "psst"
    assert original.receive()["delivered"] is True


def test_many_messages_at_once_reach_an_original_client_one_by_one(server, original, join):
    original.send({"type": "join", "username": "Old"})
    original.receive()
    new = join(server, "New")
    new.send(*({"type": "message", "content": str(number)} for number in range(20)))
    assert original.receive()["message"] == "New joined the chat"
    assert [original.receive()["content"] for _ in range(20)] == [str(number) for number in range(20)]


def test_a_bad_message_of_an_original_client_is_answered(original):
    original.send({"type": "join", "username": "Old"})
    original.receive()
    original.socket.send(b'{"type": NaN}')
    assert original.receive()["code"] == "malformed_json"
    original.socket.send(b"x" * 3000)
    assert original.receive()["code"] == "frame_too_long"
    original.send({"type": "message", "content": "well again"})
    assert original.receive()["content"] == "well again"


def test_a_join_and_an_end_with_no_lf_are_served(server, join):
    new = join(server, "New")
    brief = OriginalPeer(server.address)
    brief.send({"type": "join", "username": "Brief"})
    brief.socket.shutdown(socket.SHUT_WR)
    assert brief.receive()["message"] == "Brief joined the chat"
    assert brief.socket.recv(1) == b""
    assert [message["message"] for message in new.read_many(2)] == ["Brief joined the chat", "Brief left the chat"]
    brief.socket.close()
