"""PRIVATE and CONFIRM: private messages, and what their sender is told."""

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Broken, blocked_by
from chatproof_conformance.endpoints.peers.batches import batches
from chatproof_conformance.endpoints.peers.peer import name_of
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.text import TELLING_CONTENTS, contents, name_cores, numbered_content


@requirement("PRIVATE-1")
@generated(content=contents())
def test_a_private_message_arrives_as_sent(chat: ServerSession, content: str) -> None:
    """A private message reaches its target with the sender's name and the content, code point for code point."""
    alice, bob = chat.stay("alice", "bob")
    alice.whispers(bob, content)
    bob.hears_privately(alice, content)
    alice.is_told_delivered(bob, content)


@requirement("PRIVATE-1")
def test_a_private_message_arrives_once(chat: ServerSession) -> None:
    """It reaches its target exactly once, however many came before."""
    alice, bob = chat.gather("alice", "bob")
    for some in batches(chat, range(60)):
        for number in some:
            for sender, target in ((alice, bob), (bob, alice)):
                sender.whispers(target, f"secret {number}")
        for number in some:
            for sender, target in ((alice, bob), (bob, alice)):
                target.hears_privately(sender, f"secret {number}")
                sender.is_told_delivered(target, f"secret {number}")
    chat.proves_silence(alice, bob, by=alice, about="each private message once")


@requirement("PRIVATE-1")
def test_telling_characters_in_private(chat: ServerSession) -> None:
    """No character of a private message is stripped, folded, escaped or normalised."""
    alice, bob = chat.gather("alice", "bob")
    for some in batches(chat, TELLING_CONTENTS):
        for content in some:
            alice.whispers(bob, content)
        for content in some:
            bob.hears_privately(alice, content)
            alice.is_told_delivered(bob, content)


@requirement("PRIVATE-2")
def test_nobody_else_gets_any_of_it(chat: ServerSession) -> None:
    """Nobody but its target gets any of a private message, whether it is delivered or not."""
    alice, bob, carol = chat.gather("alice", "bob", "carol")
    for number in range(10):
        alice.whispers(bob, f"secret {number}")
        bob.hears_privately(alice, f"secret {number}")
        alice.is_told_delivered(bob, f"secret {number}")
        alice.whispers(chat.name("nobody"), f"lost {number}")
        chat.fence_ahead(alice)
        alice.expects_any("private_confirmation", "error")
        chat.shows_silence(alice, bob, carol, about="nothing of others' private messages")


@requirement("PRIVATE-2")
def test_names_that_contain_each_other(chat: ServerSession) -> None:
    """A target is one user, not those whose names begin, end or look like it."""
    base = chat.name("ann")
    names = (base, f"{base}a", base[:-1] + "~", base.upper(), f"x{base}")
    peers = [chat.joins("like", name=name) for name in names]
    (bob,) = chat.gather("bob")
    for peer, name in zip(peers, names, strict=True):
        bob.whispers(name, f"for {name}")
        chat.fence_ahead(bob)
        peer.hears_privately(bob, f"for {name}")
        bob.is_told_delivered(name, f"for {name}")
        chat.shows_silence(bob, *peers, about="nothing of a message to another name")


@requirement("PRIVATE-1", "PRIVATE-2")
def test_a_name_that_changed_hands(chat: ServerSession) -> None:
    """A private message goes to who holds the name now, not to who held it before."""
    alice, carol = chat.gather("alice", "carol")
    name = chat.name("chair")
    for number in range(3):
        holder = chat.joins("holder", name=name)
        alice.whispers(name, f"secret {number}")
        holder.hears_privately(alice, f"secret {number}")
        alice.is_told_delivered(name, f"secret {number}")
        chat.settle()
        holder.leaves()
        for peer in (alice, carol):
            peer.sees_notice(name)
        chat.proves_silence(alice, carol, by=alice, id_="PRIVATE-2")


@requirement("PRIVATE-3")
def test_a_message_to_oneself(chat: ServerSession) -> None:
    """A user may be its own target: it gets the message and the confirmation, each once."""
    alice, bob = chat.gather("alice", "bob")
    for number in range(3):
        alice.whispers(alice, f"note {number}")
        alice.hears_privately(alice, f"note {number}")
        alice.is_told_delivered(alice, f"note {number}")
    chat.proves_silence(alice, bob, by=alice)


@requirement("CONFIRM-1")
@generated(core=name_cores(), content=contents(20))
def test_a_delivery_is_confirmed(chat: ServerSession, core: str, content: str) -> None:
    """A delivered private message is confirmed with target and content as sent."""
    (bob,) = chat.stay("bob")
    alice = chat.joins("alice", name=chat.name(core))
    bob.whispers(alice, content)
    bob.is_told_delivered(alice, content)
    alice.hears_privately(bob, content)
    alice.leaves()
    bob.sees_notice(alice)


@requirement("CONFIRM-1")
def test_a_delivery_is_confirmed_once(chat: ServerSession) -> None:
    """The sender, and nobody else, gets exactly one confirmation of each delivery."""
    alice, bob, carol = chat.gather("alice", "bob", "carol")
    for some in batches(chat, range(40)):
        for number in some:
            alice.whispers(bob, f"secret {number}")
        for number in some:
            alice.is_told_delivered(bob, f"secret {number}")
            bob.hears_privately(alice, f"secret {number}")
    chat.proves_silence(alice, bob, carol, by=alice, about="one confirmation, at the sender")


@requirement("CONFIRM-2")
def test_a_target_that_is_not_there(chat: ServerSession) -> None:
    """A message to a name that nobody holds gets one confirmation with delivered false, and reaches nobody."""
    alice, bob = chat.gather("alice", "bob")
    swapped = (alice.name or "").swapcase()
    targets = (*_absent_names(chat, name_of(bob)), swapped)
    for some in batches(chat, [target for target in targets for _ in range(2)]):
        for target in some:
            alice.whispers(target, "hello?")
        for target in some:
            alice.is_told_undelivered(target, "hello?")
    chat.proves_silence(alice, bob, by=alice, about="one confirmation with delivered false")


@requirement("CONFIRM-1", "CONFIRM-2")
def test_a_long_message_is_confirmed_whole(chat: ServerSession) -> None:
    """The confirmation carries the content as sent, however long it is, whether it was delivered or not."""
    alice, bob = chat.gather("alice", "bob")
    nobody = chat.name("nobody")
    for length in (50, 150, 300, 500, 900):
        content = numbered_content(length)
        alice.whispers(bob, content)
        alice.is_told_delivered(bob, content)
        bob.hears_privately(alice, content)
        alice.whispers(nobody, content)
        alice.is_told_undelivered(nobody, content)
    chat.proves_silence(alice, bob, by=alice, about="one confirmation of each")


@requirement("CONFIRM-2")
def test_an_undelivered_message_stays_undelivered(chat: ServerSession) -> None:
    """What was said to reach nobody is not kept for a user who joins under the name later."""
    alice, bob = chat.gather("alice", "bob")
    name = chat.name("late")
    stranger = chat.connect("stranger")
    for number in range(3):
        alice.whispers(name, f"missed {number}")
        alice.is_told_undelivered(name, f"missed {number}")
    stranger.joins(name)
    for peer in (alice, bob):
        peer.sees_notice(name)
    alice.whispers(name, "now")
    stranger.hears_privately(alice, "now")
    alice.is_told_delivered(name, "now")
    chat.settle()
    chat.proves_silence(alice, bob, stranger, by=alice, about="nothing of what was undelivered")


@requirement("CONFIRM-2")
def test_a_target_that_has_left(chat: ServerSession) -> None:
    """A target that has left, in order or by a reset, is not there."""
    alice, bob = chat.gather("alice", "bob")
    for ending in ("leaves", "resets"):
        carol = chat.joins("carol")
        alice.whispers(carol, "before")
        carol.hears_privately(alice, "before")
        alice.is_told_delivered(carol, "before")
        chat.settle()
        getattr(carol, ending)()
        for peer in (alice, bob):
            peer.sees_notice(carol)
        alice.whispers(carol, "after")
        alice.is_told_undelivered(carol, "after")
    chat.proves_silence(alice, bob, by=alice, about="one confirmation with delivered false")


@requirement("CONFIRM-2")
def test_a_target_that_was_never_let_in(chat: ServerSession) -> None:
    """A connection whose join was refused, or that sent something else, is nobody's target."""
    (alice,) = chat.gather("alice")
    refused, gone = chat.connect("refused"), chat.connect("stranger")
    twin = chat.name("refused") + " "
    with blocked_by("JOIN-8"):
        refused.asks_to_join(twin)
        refused.gets_error("for an invalid name")
    name = chat.name("stranger")
    with blocked_by("ERROR-3"):
        gone.sends_frame(b'{"type":"hello","username":"' + name.encode() + b'"}')
        gone.gets_error("for an unknown type")
    for target in (twin.strip(), name):
        alice.whispers(target, "anyone?")
        alice.is_told_undelivered(target, "anyone?")
    chat.proves_silence(alice, by=alice, about="one confirmation with delivered false")


@requirement("CONFIRM-3")
def test_the_reason_is_given(chat: ServerSession) -> None:
    """A confirmation with delivered false has a reason."""
    (alice,) = chat.gather("alice")
    nobody = chat.name("nobody")
    alice.whispers(nobody, "hello?")
    confirmation = alice.is_told_undelivered(nobody, "hello?")
    if not confirmation.get("reason"):
        raise Broken("a member `reason`, such as 'User not found'", "a confirmation without one")


def _absent_names(chat: ServerSession, name: str) -> list[str]:
    """Return names that nobody holds: a new one, and some that begin, end or look like one that somebody holds."""
    return [chat.name("nobody"), f"{name}x", f"x{name}", f"{name[:-1]}~", name[:-1], name[1:], name[:3]]
