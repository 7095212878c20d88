"""Resets at every moment, and what an operator still sees and does meanwhile."""

import socket
import struct
import threading

import pytest

from chatproof_reference.server import EventKind
from chatproof_reference.server.ring import Ring

JOIN = b'{"type":"join","username":"Gone"}\n'
PRIVATE = b'{"type":"private_message","target":"Alice","content":"x"}\n'
MOMENTS = {
    "before a byte": b"",
    "in a join": JOIN[:10],
    "after a join": JOIN,
    "in half a frame": JOIN + PRIVATE[:20],
    "in half a character": JOIN + b'{"type":"message","content":"\xf0\x9f',
    "in a frame that is too long": JOIN + b"x" * 5000,
    "after a refused frame": JOIN + b"nonsense\n",
    "with answers under way": JOIN + b'{"type":"private_message","target":"nobody","content":"x"}\n' * 2000,
    "with an object that no LF ends": JOIN[:-1],
}


def reset(peer):
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def notices(peer, count):
    told = []
    while len(told) < count:
        message = peer.read()
        if message["type"] == "system":
            told.append(message["message"])
    return told


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_reset_at_any_moment_is_told_once_and_costs_nobody_else_anything(moment, server, connect, join):
    alice = join(server, "Alice")
    ends = server.subscribe(EventKind.LEFT, EventKind.DISCONNECTED)
    gone = connect(server)
    gone.send_bytes(MOMENTS[moment])
    if MOMENTS[moment].startswith(JOIN):
        assert notices(alice, 1) == ["Gone joined the chat"]
    reset(gone)
    (end,) = ends.drain(timeout=10)
    assert end.text in ("the connection was lost", "it ended the connection")
    if end.kind is EventKind.LEFT and not MOMENTS[moment].startswith(JOIN):
        assert notices(alice, 1) == ["Gone joined the chat"]  # an object with no LF was taken for a frame
    if end.kind is EventKind.LEFT:
        assert notices(alice, 1) == ["Gone left the chat"]
    assert alice.read_until_fence() == []
    join(server, "Gone")


def test_a_reset_while_much_waits_for_it_frees_what_waits(server, join):
    """The reset of a client that has not read: nothing of it is left, and its outbox goes with it."""
    stalled, alice = join(server, "Stalled"), join(server, "Alice")
    while not any(info.pending_bytes for info in server.list_clients()):
        alice.send(*({"type": "message", "content": "x" * 900} for _ in range(50)))
        alice.read_many(50)
    reset(stalled)
    alice.say("go on")  # a send may be what finds it gone
    assert notices(alice, 1) == ["Stalled left the chat"]
    assert [info.pending_bytes for info in server.list_clients()] == [0]


def test_resets_while_the_server_stops_do_not_hold_it_up(start, connect):
    server = start(stop_seconds=60)
    peers = [connect(server).join(f"n{number}") for number in range(10)]
    stopping = threading.Thread(target=server.stop_server)
    stopping.start()
    for peer in peers:
        reset(peer)
    stopping.join(30)
    assert not stopping.is_alive()


def test_who_is_there_can_be_asked_while_the_server_stops(start, connect):
    """A window asks; it must not stand still for as long as stopping takes."""
    server = start(stop_seconds=60)
    silent = connect(server).join("Silent")
    stopping = threading.Thread(target=server.stop_server)
    stopping.start()
    assert silent.read()["type"] == "system"  # it is stopping, and waits for this client to close
    assert server.list_clients() == []
    assert server.totals().joins == 1
    silent.close()
    stopping.join(30)
    assert not stopping.is_alive()


def test_a_fault_of_the_server_while_it_sends_ends_the_connections_and_is_told_and_the_chat_goes_on(
    server, join, monkeypatch
):
    peers = [join(server, name) for name in ("Alice", "Bob")]
    peers[0].read_until_fence()
    seen = server.subscribe(EventKind.TROUBLE, EventKind.LEFT)
    faults = [ArithmeticError("a fault of ours")]
    take = Ring.take

    def take_or_fail(ring, chunk, frames):
        if faults:
            raise faults.pop()
        take(ring, chunk, frames)

    monkeypatch.setattr(Ring, "take", take_or_fail)
    peers[0].say("lost")
    for peer in peers:
        assert peer.is_at_end()
    told = []
    while len(told) < 4:
        told += seen.drain(timeout=10)
    assert [event.text for event in told if event.kind is EventKind.TROUBLE] == ["ArithmeticError: a fault of ours"] * 2
    left = {event.username: event.text for event in told if event.kind is EventKind.LEFT}
    assert left == {"Alice": "a fault of the server", "Bob": "a fault of the server"}
    again = join(server, "Alice")
    again.say("on it goes")
    assert again.read()["content"] == "on it goes"
