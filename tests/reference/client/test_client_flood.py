"""A client whose events nobody takes slows its server down, and loses nothing; what it keeps is bounded."""

import contextlib
import io
import json
import socket
import threading
import time

import pytest

from chatproof_reference.client import ChatClient, events
from chatproof_reference.client.event_queue import LIMIT, LIMIT_BYTES, EventQueue
from chatproof_reference.client.input_lines import LONGEST_LINE, bounded_lines
from chatproof_reference.client.people import MOST, People
from reference.client.scripted_server import ScriptedServer

COUNT = 60_000


@pytest.fixture
def flooded():
    """Return a client that nobody reads, its server, and the thread that sends it more than it takes."""
    client = ChatClient()
    with ScriptedServer() as server:
        client.connect_to_server("127.0.0.1", server.port, "alice")
        server.welcome()
        server.peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        sender = threading.Thread(target=flood, args=(server.peer,))
        sender.start()
        yield client, server, sender
        client.disconnect_from_server()
        server.hang_up()
        sender.join(20)
        client.wait_closed(10)
        assert not sender.is_alive()


def flood(peer):
    with contextlib.suppress(OSError):
        for first in range(0, COUNT, 100):
            peer.sendall(b"".join(frame(number) for number in range(first, first + 100)))


def frame(number):
    content = f"{number} " + "x" * 200
    return (
        json.dumps({"type": "message", "username": "bob", "content": content, "timestamp": "10:00:00"}).encode() + b"\n"
    )


def test_unread_events_are_bounded_and_none_is_lost(flooded):
    client, server, sender = flooded
    server.peer.settimeout(60)
    wait_until_full(client)
    client.send_message("still here")
    assert server.read()["content"] == "still here"
    assert sender.is_alive(), "the server could send everything to a client that took nothing"
    assert len(client.events) < 2 * LIMIT
    numbers = []
    while len(numbers) < COUNT:
        event = client.events.get(timeout=20)
        if isinstance(event, events.PublicMessage):
            numbers.append(int(event.content.split()[0]))
    assert numbers == list(range(COUNT))


def test_one_can_leave_amid_a_flood(flooded):
    client, _, _ = flooded
    wait_until_full(client)
    began = time.monotonic()
    client.disconnect_from_server()
    client.wait_closed(10)
    assert time.monotonic() - began < 5  # less than a second, and a busy machine
    while not isinstance(event := client.events.get(timeout=10), events.ConnectionEnded):
        pass
    assert event.by_user


def wait_until_full(client):
    full = threading.Event()
    for _ in range(2000):
        if len(client.events) >= LIMIT:
            return
        full.wait(0.01)
    pytest.fail("the queue never filled")


def test_unread_events_are_bounded_in_bytes_too():
    asked = []
    events_queue = EventQueue(lambda: asked.append(1))
    for _ in range(LIMIT_BYTES // 8192):
        assert events_queue.has_room()
        events_queue.put(events.ServerMessage("x" * 8000, "10:00:00"), 8192)
    assert not events_queue.has_room()
    assert len(events_queue) < LIMIT
    events_queue.get()
    assert asked
    assert events_queue.has_room()


@pytest.mark.parametrize("text", ["person {} joined the chat", "{} " + "x" * 5000 + " joined the chat"])
def test_people_that_a_server_makes_up_are_bounded(text):
    people = People()
    for number in range(MOST + 100):
        people.learn(events.SystemMessage(text.format(number), "10:00:00"))
    assert len(people) <= MOST
    assert all(len(name) <= 32 for name in people.names())
    assert not people.learn(events.SystemMessage("stranger left the chat", "10:00:00"))


@pytest.mark.parametrize("size", [1, LONGEST_LINE, LONGEST_LINE + 1, 5 * LONGEST_LINE])
def test_of_a_line_that_is_too_long_a_bounded_part_is_read(size):
    lines = list(bounded_lines(io.BytesIO(b"x" * size + b"\nnext\n").readline, b"\n"))
    assert len(lines) == 2
    assert len(lines[0]) == min(size + 1, LONGEST_LINE + 1)
    assert lines[1] == b"next\n"
