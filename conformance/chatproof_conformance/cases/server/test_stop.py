"""SERVER and STOP: what the operator says, and how the server ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chatproof_conformance.core.marks import requirement
from chatproof_conformance.core.outcomes import Broken, TargetGone
from chatproof_conformance.endpoints.peers.expectations import Expectation
from chatproof_conformance.endpoints.peers.peer import Peer
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.command import CommandTarget
from chatproof_conformance.generation.client_frames import encoded
from chatproof_schemas.transcript import Kind

_STOP_SECONDS = 5.0
_SCHEDULING_SECONDS = 0.5
"""What a busy machine may add to the five seconds before it is the server's fault."""


@requirement("SERVER-1")
def test_announcements_reach_everyone(chat: ServerSession) -> None:
    """What the operator announces reaches every joined client once, as a server message."""
    peers = chat.gather("alice", "bob", "carol")
    stranger = chat.connect("stranger")
    for text in ("maintenance at noon", "maintenance at noon", 'é 🙂 "quoted" \\ %s {0}', "x" * 300):
        said = f"{text} {chat.name('notice')}"
        chat.announces(said)
        for peer in peers:
            peer.hears_announcement(said)
        chat.proves_silence(*peers, by=peers[0], about="the announcement once")
    stranger.sends_frame(b"{}")
    if stranger.receiver.first_message().get("type") != "error":
        raise Broken(
            "announcements for joined clients only", "one that reached a connection before its join", "JOIN-11"
        )


@requirement("STOP-1")
def test_connections_end_in_order(chat: ServerSession) -> None:
    """Asked to stop, it ends every connection in order (end of stream, not a reset) within 5 s."""
    with _another(chat) as (server, there):
        alice, bob = there.gather("alice", "bob")
        stranger, half = there.connect("stranger"), there.connect("half")
        half.sends_bytes(b'{"type":"join"')
        alice.says("the last message")
        bob.hears(alice, "the last message")
        start = time.monotonic()
        server.ask_to_stop()
        for peer in (alice, bob, stranger, half):
            _ends_in_order(peer, start + _STOP_SECONDS + _SCHEDULING_SECONDS)
            chat.evidence.deliveries += 1


@requirement("STOP-1")
def test_connections_end_in_order_under_load(chat: ServerSession) -> None:
    """It stops in time and in order while clients talk, and while one of them does not read."""
    with _another(chat) as (server, there):
        alice, bob = there.gather("alice", "bob")
        stalled = there.joins("stalled", receive_buffer=4096)
        stalled.stops_reading()
        begun = time.monotonic()
        alice.says("x" * 400)
        if there.framing != "none":
            for _ in range(60):
                alice.sends_bytes((encoded({"type": "message", "content": "x" * 400}) + b"\n") * 50)
        there.fence(bob)
        start = time.monotonic()
        # Where the machine is so busy that the talk took seconds, stopping may take as many more.
        until = start + _STOP_SECONDS + _SCHEDULING_SECONDS + (start - begun)
        server.ask_to_stop()
        _ends_in_order(bob, until)
        if server.wait_for_exit(until - time.monotonic()) is None:
            raise Broken("the server to have stopped within 5 s", "its process still runs")
        chat.evidence.deliveries += 1


@requirement("STOP-2")
def test_clients_are_told(chat: ServerSession) -> None:
    """Before the end, joined clients get a system message."""
    with _another(chat) as (server, there):
        peers = there.gather("alice", "bob")
        server.ask_to_stop()
        for peer in peers:
            wanted = Expectation("a system message before the end", _is_system, lambda _: True)
            peer.expects(wanted)
            chat.evidence.deliveries += 1


@requirement("STOP-3")
def test_it_starts_again_at_once(chat: ServerSession) -> None:
    """It can be started again on the same port at once."""
    with _another(chat) as (server, there):
        alice, bob = there.gather("alice", "bob")
        server.ask_to_stop()
        for peer in (alice, bob):
            # The server ends first: then it is its port that the system keeps for a while.
            peer.receiver.read_to_end()
            peer.connection.close()
        server.wait_for_exit(_STOP_SECONDS)
        again = server.again()
        try:
            again.start()
        except TargetGone as gone:
            raise Broken("the server to start again on the same port", str(gone)) from None
        try:
            elsewhere = ServerSession(replace(chat.context, target=again))
            elsewhere.joins("alice", name=alice.name)
            elsewhere.close()
            chat.evidence.deliveries += 1
        finally:
            again.end()


@contextmanager
def _another(chat: ServerSession) -> Iterator[tuple[CommandTarget, ServerSession]]:
    """Start a second server of the same kind, so that stopping it harms no other case."""
    server = chat.context.target.another()
    try:
        server.start()
        there = ServerSession(replace(chat.context, target=server), findings_of=chat.case, transcript=chat.transcript)
        yield server, there
        there.close()
    finally:
        server.end()


def _ends_in_order(peer: Peer, until: float) -> None:
    while peer.connection.ended is None and time.monotonic() < until:
        peer.receiver.read(until - time.monotonic())
    if peer.connection.ended is None:
        raise Broken(f"the connection of {peer} to have ended within 5 s", "it is still open")
    if peer.connection.ended is Kind.SERVER_RESET:
        raise Broken("the end of the stream", "a reset", connection=str(peer))


def _is_system(message: object) -> bool:
    return isinstance(message, dict) and message.get("type") == "system"
