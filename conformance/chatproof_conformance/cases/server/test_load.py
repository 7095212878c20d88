"""LOAD: many clients, slow ones, and ones that say nothing."""

import time

from chatproof_conformance.core.marks import requirement
from chatproof_conformance.core.outcomes import Broken, NotTested
from chatproof_conformance.endpoints.peers import expectations
from chatproof_conformance.endpoints.peers.peer import Peer, name_of
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.client_frames import encoded

_CROWD = 50
_IDLE = 25
_CONTENT = "x" * 900
_BATCH = 150
_UNREAD_BYTES = 6_000_000
"""More than the buffers of two kernels between a server and a client that stopped reading."""
_BOUNDED_BYTES = 40_000_000
_SMALL_BUFFER = 4096
_ONE_AT_A_TIME_SECONDS = 20.0
"""Where nothing parts one object from the next, each waits for the one before: megabytes may take an hour."""


@requirement("LOAD-1")
def test_fifty_clients(chat: ServerSession) -> None:
    """It serves at least 50 joined clients at once."""
    crowd = [chat.connect("member") for _ in range(_CROWD)]
    names = [chat.name("member") for _ in crowd]
    for peer, name in zip(crowd, names, strict=True):
        peer.asks_to_join(name)
    for peer, name in zip(crowd, names, strict=True):
        peer.is_joined_as(name)
    chat.settle()
    for speaker in (crowd[0], crowd[-1]):
        speaker.says("hello, all")
        for peer in crowd:
            peer.hears(speaker, "hello, all")
    crowd[0].whispers(crowd[-1], "psst")
    crowd[-1].hears_privately(crowd[0], "psst")
    crowd[0].is_told_delivered(crowd[-1], "psst")
    chat.proves_silence(*crowd, by=crowd[0], about="each message once")


@requirement("LOAD-2")
def test_a_client_that_stops_reading(chat: ServerSession) -> None:
    """A client that stops reading delays nobody else."""
    alice, bob = chat.gather("alice", "bob")
    stalled = chat.joins("stalled", receive_buffer=_SMALL_BUFFER)
    chat.settle()
    stalled.stops_reading()
    sent, start = 0, time.monotonic()
    while sent < _UNREAD_BYTES and not _has_left(stalled, bob):
        _require_pace(chat, start, sent)
        sent += _talk(chat, alice, bob, "LOAD-2")
    later = chat.joins("later")
    later.says("I came later")
    bob.hears(later, "I came later")


@requirement("LOAD-3")
def test_silent_connections(chat: ServerSession) -> None:
    """Connections that send nothing, or half a frame, delay nobody else."""
    alice, bob = chat.gather("alice", "bob")
    for number in range(_IDLE):
        chat.connect("idle")
        chat.connect("half").sends_bytes(b'{"type":"join","user'[: number % 19 + 1])
    member = chat.connect("member")
    member.joins(chat.name("member"))
    member.sends_bytes(b'{"type":"message","content":"ha')
    for _ in range(5):
        alice.says("meanwhile")
        bob.hears(alice, "meanwhile")
    later = chat.connect("later")
    later.joins(chat.name("later"))
    later.says("I came later")
    for peer in (alice, bob, member):
        peer.hears(later, "I came later")


@requirement("LOAD-4")
def test_a_client_that_never_reads_again(chat: ServerSession) -> None:
    """A client that stops reading costs bounded memory: in the end it is disconnected."""
    alice, bob = chat.gather("alice", "bob")
    stalled = chat.joins("stalled", receive_buffer=_SMALL_BUFFER)
    chat.settle()
    stalled.stops_reading()
    sent, start = 0, time.monotonic()
    while sent < _BOUNDED_BYTES:
        _require_pace(chat, start, sent)
        sent += _talk(chat, alice, bob, "LOAD-2")
        if _has_left(stalled, bob):
            chat.evidence.deliveries += 1
            return
        bob.inbox.forget()
    raise Broken("a client that does not read to be disconnected", f"it is still there after {sent // 1_000_000} MB")


def _require_pace(chat: ServerSession, start: float, sent: int) -> None:
    """Give up where one object at a time does not fill the buffers of a client that stopped reading.

    Raises:
        NotTested: after a while with no LF between objects.
    """
    if chat.framing == "none" and time.monotonic() - start > _ONE_AT_A_TIME_SECONDS:
        raise NotTested(
            f"one object at a time, too little comes to fill a buffer: {sent:,} bytes in {_ONE_AT_A_TIME_SECONDS:.0f} s"
        )


def _talk(chat: ServerSession, speaker: Peer, listener: Peer, id_: str) -> int:
    """Send a batch of long messages that both must get in time; return how many bytes it made for each client."""
    if chat.framing == "none":
        speaker.says(_CONTENT)
    else:
        speaker.sends_bytes((encoded({"type": "message", "content": _CONTENT}) + b"\n") * _BATCH)
    marker = speaker.sends_marker()
    for peer in (speaker, listener):
        if not peer.receiver.wait_for_marker(marker):
            raise Broken(f"messages to arrive at {peer} although another client does not read", "no more of them", id_)
    chat.evidence.deliveries += 1
    speaker.inbox.forget(_CONTENT)
    listener.inbox.forget(_CONTENT)
    return len(_CONTENT) * (1 if chat.framing == "none" else _BATCH)


def _has_left(peer: Peer, witness: Peer) -> bool:
    """Whether a system message that names a peer is in another's inbox."""
    notice = expectations.notice_naming(name_of(peer))
    return any(notice.matches(message) for message in witness.inbox.messages())
