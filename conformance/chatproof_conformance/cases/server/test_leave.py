"""LEAVE: how a connection ends, and what the others are told."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.peer import Peer, name_of
from chatproof_conformance.endpoints.peers.sequences import got_in_order, require_order
from chatproof_conformance.endpoints.peers.session import ServerSession


@requirement("LEAVE-1")
def test_an_orderly_end_is_told_once(chat: ServerSession) -> None:
    """When a joined client ends its connection, every other joined client gets one system message that names it."""
    alice, bob = chat.gather("alice", "bob")
    for _ in range(4):
        (carol,) = chat.gather("carol")
        carol.leaves()
        _is_told_once(chat, carol, alice, bob)


@requirement("LEAVE-1", "LEAVE-2")
def test_a_name_leaves_again(chat: ServerSession) -> None:
    """Each leave is told, also of a name that has left before, in order or by a reset."""
    (bob,) = chat.gather("bob")
    name = chat.name("again")
    for ending, id_ in (("leaves", "LEAVE-1"), ("leaves", "LEAVE-1"), ("resets", "LEAVE-2"), ("resets", "LEAVE-2")):
        guest = chat.joins("guest", name=name)
        getattr(guest, ending)()
        try:
            bob.sees_notice(name)
        except Broken as broken:
            raise Broken.of(replace(broken.finding, requirement=id_)) from None
        chat.proves_silence(bob, by=bob, about="one notice of each leave", id_=id_)


@requirement("LEAVE-1")
def test_an_end_in_the_middle_of_a_frame(chat: ServerSession) -> None:
    """A client that ends with half a frame sent has left like any other."""
    alice, bob = chat.gather("alice", "bob")
    (carol,) = chat.gather("carol")
    carol.sends_bytes(b'{"type":"message","content":"cut')
    carol.leaves()
    _is_told_once(chat, carol, alice, bob)


@requirement("LEAVE-1")
def test_many_leave_at_once(chat: ServerSession) -> None:
    """Of many that leave at the same time each is told once."""
    (alice,) = chat.gather("alice")
    crowd = chat.gather(*["member"] * 12)
    for peer in crowd:
        peer.half_closes()
    for peer in crowd:
        alice.sees_notice(peer)
    chat.proves_silence(alice, by=alice, about="one notice for each that left")


@requirement("LEAVE-2")
def test_a_reset_is_a_leave(chat: ServerSession) -> None:
    """A connection that is reset has left, also in the middle of a frame or right after a message."""
    alice, bob = chat.gather("alice", "bob")
    for data in (b"", b'{"type":"mess', b'{"type":"message","content":"last words"}\n', b"bad\n"):
        (carol,) = chat.gather("carol")
        carol.sends_bytes(data)
        if data == b"bad\n":
            carol.gets_error("for a bad frame")
        carol.resets()
        for peer in (alice, bob):
            peer.sees_notice(carol)
            peer.inbox.forget("last words")
        chat.proves_silence(alice, bob, by=alice, about="one notice of a reset")


@requirement("LEAVE-3")
def test_the_words_of_the_notice(chat: ServerSession) -> None:
    """The notice reads `NAME left the chat`."""
    alice, bob = chat.gather("alice", "bob")
    bob.leaves()
    notice = alice.sees_notice(bob)["message"]
    if notice != f"{bob.name} left the chat":
        raise Broken(f"the notice to read '{bob.name} left the chat'", repr(notice))


@requirement("LEAVE-4")
def test_the_name_is_free_at_once(chat: ServerSession) -> None:
    """Once anyone has the notice of a leave, the name is free."""
    (bob,) = chat.gather("bob")
    name = chat.name("again")
    for number in range(6):
        holder = chat.connect("holder")
        holder.asks_to_join(name)
        if holder.expects_any("system", "error")["type"] == "error":
            raise Broken("the name to be free once its leave was told", f"join number {number + 1} was refused")
        holder.name = name
        bob.sees_notice(name)
        holder.leaves() if number % 2 else holder.resets()
        bob.sees_notice(name)


@requirement("LEAVE-5")
def test_strangers_leave_unnoticed(chat: ServerSession) -> None:
    """The end of a connection that never joined is told to nobody."""
    alice, bob = chat.gather("alice", "bob")
    refused = chat.connect("refused")
    refused.asks_to_join(alice.name or "")
    refused.gets_error("for a name in use")
    half = chat.connect("half")
    half.sends_bytes(b'{"type":"join","username":"' + chat.name("half").encode())
    invalid = chat.connect("invalid")
    invalid.asks_to_join(chat.name("invalid") + " ")
    invalid.gets_error("for an invalid name")
    strangers = [chat.connect("silent"), refused, half, invalid]
    for stranger in strangers:
        stranger.leaves()
    chat.connect("reset").resets()
    # No frame of theirs can fence their end: a later connection's whole life, seen by all, stands in for it.
    later = chat.joins("later")
    later.leaves()
    for peer in (alice, bob):
        text = str(peer.sees_notice(later)["message"])
        if not chat.case.is_server_shared:
            _no_other_notice(peer, text, name_of(later))
    chat.proves_silence(alice, bob, by=alice, about="nothing of connections that never joined")
    bob.whispers(alice, "still here?")
    alice.hears_privately(bob, "still here?")


@requirement("LEAVE-6")
@generated(count=st.integers(1, 30), private=st.booleans())
def test_last_words_are_heard(chat: ServerSession, count: int, private: bool) -> None:  # noqa: FBT001  Hypothesis names its arguments
    """Frames sent before an orderly end are handled before the leave."""
    alice, bob = chat.stay("alice", "bob")
    (carol,) = chat.gather("carol")
    words = [f"last {number}" for number in range(count)]
    for word in words:
        carol.whispers(alice, word) if private else carol.says(word)
    carol.leaves()
    for peer in (alice,) if private else (alice, bob):
        peer.sees_notice(carol)
        require_order(peer, words, got_in_order(peer, _contents_of(carol)), "everything said before the end")
    bob.inbox.forget()


@requirement("LEAVE-6")
def test_a_whole_life_at_once(chat: ServerSession) -> None:
    """A client that joins, speaks and ends without waiting for anything has joined, spoken and left."""
    (bob,) = chat.gather("bob")
    for _ in range(3):
        guest, name = chat.connect("guest"), chat.name("guest")
        guest.asks_to_join(name)
        if chat.framing != "none":
            guest.says("hello and goodbye")
        guest.leaves()
        bob.sees_notice(name)
        if chat.framing != "none":
            bob.hears(guest, "hello and goodbye", name)
        bob.sees_notice(name)
    chat.proves_silence(bob, by=bob, about="a join, a message and a leave, each once")


def _contents_of(sender: Peer) -> Callable[[Message], str | None]:
    def shape(message: Message) -> str | None:
        ours = sender.name in (message.get("username"), message.get("sender"))
        return str(message["content"]) if ours else None

    return shape


def _no_other_notice(peer: Peer, notice: str, name: str) -> None:
    """Show that nothing in an inbox reads like this notice with another name, or none, in it."""
    before, _, after = notice.partition(name)
    for received in peer.inbox.waiting:
        text = str(received.message.get("message"))
        if received.message.get("type") == "system" and text.startswith(before) and text.endswith(after) and after:
            raise Broken("no notice of a connection that never joined", quoted(text), connection=str(peer))


def _is_told_once(chat: ServerSession, leaver: Peer, *others: Peer) -> None:
    for peer in others:
        peer.sees_notice(leaver)
    chat.proves_silence(*others, by=others[0], about="one notice of a leave")
