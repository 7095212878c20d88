"""PUBLIC: public messages."""

from typing import Any

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.endpoints.peers.batches import batches
from chatproof_conformance.endpoints.peers.refusals import stays_open
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.client_frames import extra_members
from chatproof_conformance.generation.text import TELLING_CONTENTS, contents
from chatproof_conformance.wire.timestamps import is_now


@requirement("PUBLIC-1")
def test_everyone_hears_a_public_message_once(chat: ServerSession) -> None:
    """A public message goes to every joined client, the sender too, exactly once."""
    # Joined by hand, since the fences of the set-up are public messages too, and would only be blocked.
    peers = [chat.connect(label) for label in ("alice", "bob", "carol")]
    for peer in peers:
        peer.joins(chat.name(str(peer)))
    for speaker in peers:
        speaker.says("first")
        for peer in peers:
            peer.hears(speaker, "first")
    chat.settle()
    for speaker in peers:
        speaker.says("hi")
        for peer in peers:
            peer.hears(speaker, "hi")
        chat.proves_silence(*peers, by=speaker, about="the message once")


@requirement("PUBLIC-1")
def test_same_words_again(chat: ServerSession) -> None:
    """A message that says what an earlier one said is a message of its own, however many came before."""
    alice, bob = chat.gather("alice", "bob")
    for some in batches(chat, ["again"] * 120):
        for content in some:
            alice.says(content)
        for content in some:
            bob.hears(alice, content)
            alice.hears(alice, content)
    chat.proves_silence(alice, bob, by=alice, about="each message once")


@requirement("PUBLIC-1")
def test_after_others_came_and_went(chat: ServerSession) -> None:
    """Who is there gets it, whoever joined, left or was refused before."""
    alice, bob = chat.gather("alice", "bob")
    for _ in range(3):
        refused = chat.connect("refused")
        refused.asks_to_join(alice.name or "")
        guest = chat.joins("guest")
        refused.gets_error("for a name in use")
        chat.leave([guest, refused])
        for peer in (alice, bob):
            peer.sees_notice(guest)
        carol = chat.joins("carol")
        for speaker in (alice, carol):
            speaker.says("who is there?")
            chat.fence_ahead(speaker)
            for peer in (alice, bob, carol):
                peer.hears(speaker, "who is there?")
        chat.shows_silence(alice, bob, carol, about="the message once")
        carol.leaves()
        for peer in (alice, bob):
            peer.sees_notice(carol)


@requirement("PUBLIC-1")
def test_whatever_went_wrong_before(chat: ServerSession) -> None:
    """A user gets what all get, also where its first join was refused, or it had errors or failed deliveries."""
    (bob,) = chat.gather("bob")
    for number, name in enumerate((bob.name or "", "", "bad ", "\n")):
        late = chat.connect("late")
        late.asks_to_join(name)
        late.gets_error("for a join that is refused")
        if not stays_open(late):
            continue
        late.joins(chat.name("late"))
        late.sends_frame(b"bad")
        late.gets_error("for a bad frame")
        late.whispers(chat.name("nobody"), "lost")
        late.expects_any("private_confirmation", "error")
        for speaker in (bob, late):
            speaker.says(f"hello {number}")
            for peer in chat.present:
                peer.hears(speaker, f"hello {number}")


@requirement("PUBLIC-2")
@generated(content=contents())
def test_content_arrives_as_sent(chat: ServerSession, content: str) -> None:
    """The content arrives code point for code point, with the sender's name, at the sender and at others."""
    alice, bob = chat.stay("alice", "bob")
    alice.says(content)
    alice.hears(alice, content)
    bob.hears(alice, content)


@requirement("PUBLIC-2")
def test_telling_characters(chat: ServerSession) -> None:
    """No character is stripped, folded, escaped, normalised or taken for the end of a line."""
    alice, bob = chat.gather("alice", "bob")
    for some in batches(chat, TELLING_CONTENTS):
        for content in some:
            alice.says(content)
        for content in some:
            bob.hears(alice, content)
            alice.hears(alice, content)
    chat.proves_silence(alice, bob, by=alice, about="each message once")


@requirement("PUBLIC-3")
@generated(extra=extra_members())
def test_added_members_change_nothing(chat: ServerSession, extra: dict[str, Any]) -> None:
    """Members that the sender adds neither refuse the message nor change who it comes from or when."""
    alice, bob = chat.stay("alice", "bob")
    alice.says("plain", **extra)
    for peer in (alice, bob):
        message = peer.hears(alice, "plain")
        forged = extra.get("timestamp")
        if forged is not None and message.get("timestamp") == forged and not is_now(forged):
            raise Broken(
                "a timestamp of the server's own", f"{forged}, which the sender had put in", connection=str(peer)
            )
    bob.whispers(alice, "psst", **extra)
    alice.hears_privately(bob, "psst")
    bob.is_told_delivered(alice, "psst")


@requirement("PUBLIC-3")
def test_added_members_of_any_type(chat: ServerSession) -> None:
    """What an added member is makes no difference, whatever its name."""
    alice, bob = chat.gather("alice", "bob")
    names = ("username", "sender", "timestamp", "delivered", "target", "reason", "code", "message", "id", "", "é")
    values: tuple[Any, ...] = (None, True, 0, -1.5, "", "x" * 100, [], [1, [2]], {}, {"type": "join"})
    extras = [{name: value} for name in names for value in values]
    for some in batches(chat, list(enumerate(extras))):
        for number, extra in some:
            alice.says(f"plain {number}", **extra)
        for number, _ in some:
            bob.hears(alice, f"plain {number}")
    chat.fence(alice)
    alice.inbox.forget("plain")
    chat.proves_silence(alice, bob, by=alice, about="each message once")


@requirement("PUBLIC-3")
def test_nobody_speaks_for_another(chat: ServerSession) -> None:
    """A message comes from the connection's own user, whatever name it claims."""
    alice, bob, carol = chat.gather("alice", "bob", "carol")
    for member in ("username", "sender", "from", "user", "name"):
        alice.says("who am I?", **{member: bob.name})
        alice.whispers(carol, "guess", **{member: bob.name})
        for peer in (alice, bob, carol):
            peer.hears(alice, "who am I?")
        carol.hears_privately(alice, "guess")
        alice.is_told_delivered(carol, "guess")
    chat.proves_silence(alice, bob, carol, by=alice)
