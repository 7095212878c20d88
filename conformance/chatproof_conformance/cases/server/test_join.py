"""JOIN: entering the chat under a name."""

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.endpoints.peers.batches import batches
from chatproof_conformance.endpoints.peers.peer import Peer, unexpected
from chatproof_conformance.endpoints.peers.refusals import require_working, stays_open
from chatproof_conformance.endpoints.peers.sequences import got_in_order, require_order
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.text import RARE_CHARACTERS, TELLING_NAME_CORES, invalid_names, name_cores

_RACERS = 8
_RACES = 6


@requirement("JOIN-1")
def test_a_join_is_told_to_everyone(chat: ServerSession) -> None:
    """Each joined client, the new one too, gets a system message that names the new user."""
    alice, bob, carol = chat.connect("alice"), chat.connect("bob"), chat.connect("carol")
    joined: list[Peer] = []
    for peer in (alice, bob, carol):
        peer.joins(chat.name(str(peer)))
        for other in joined:
            other.sees_notice(peer)
        joined.append(peer)


@requirement("JOIN-1")
@generated(core=name_cores())
def test_any_valid_name(chat: ServerSession, core: str) -> None:
    """A name may have any code points but controls, separators and invisible formatting; a space inside is fine."""
    (bob,) = chat.stay("bob")
    alice = chat.connect("alice")
    name = chat.name(core)
    alice.joins(name)
    bob.sees_notice(name)
    alice.says("as named")
    bob.hears(alice, "as named")
    alice.leaves()
    bob.sees_notice(name)


@requirement("JOIN-1")
def test_telling_names(chat: ServerSession) -> None:
    """No character of a name is stripped, folded, escaped or normalised, in the notices and elsewhere."""
    (bob,) = chat.gather("bob")
    for cores in batches(chat, TELLING_NAME_CORES):
        named = [(chat.connect("alice"), chat.name(core)) for core in cores]
        for alice, name in named:
            alice.asks_to_join(name)
        for alice, name in named:
            alice.is_joined_as(name)
            bob.sees_notice(name)
        for alice, name in named:
            bob.whispers(name, "as named")
            alice.says("as named")
        for alice, _ in named:
            alice.hears_privately(bob, "as named")
            bob.hears(alice, "as named")
        chat.leave(alice for alice, _ in named)
        for _, name in named:
            bob.sees_notice(name)


@requirement("JOIN-1")
def test_a_name_joins_again(chat: ServerSession) -> None:
    """Each join is told to everyone, also of a name that was here before."""
    (bob,) = chat.gather("bob")
    name = chat.name("again")
    for _ in range(4):
        alice = chat.connect("alice")
        alice.joins(name)
        bob.sees_notice(name)
        chat.proves_silence(bob, by=bob, about="one notice of each join")
        alice.leaves()
        bob.sees_notice(name)


@requirement("JOIN-1")
def test_names_at_their_limits(chat: ServerSession) -> None:
    """Names of one and of 32 code points are valid, however many bytes that takes."""
    (bob,) = chat.gather("bob")
    for filler in ("n", "é", "🙂"):
        alice, name = chat.connect("alice"), chat.name("a")
        alice.joins(name + filler * (32 - len(name)))
        bob.sees_notice(alice)
    single = chat.connect("single")
    for name in RARE_CHARACTERS:
        single.asks_to_join(name)
        if single.expects_any("system", "error")["type"] == "system":
            return
    raise Broken("a name of one code point to be accepted", "an error for each that was tried")


@requirement("JOIN-2")
def test_the_notice_comes_first(chat: ServerSession) -> None:
    """Nothing reaches a new client before the notice of its own join, however busy the chat is."""
    alice, bob = chat.gather("alice", "bob")
    newcomers: list[Peer] = []
    for number in range(10):
        newcomer, name = chat.connect("newcomer"), chat.name("newcomer")
        newcomers.append(newcomer)
        for place in range(20):
            if place == 10:  # noqa: PLR2004  in the middle of the burst
                newcomer.asks_to_join(name)
            (alice, bob)[place % 2].says(f"busy {number}.{place}")
        first = newcomer.receiver.first_message()
        if first.get("type") != "system" or name not in str(first.get("message")):
            raise unexpected(newcomer, "the notice of its own join as the first thing", newcomer.inbox.waiting[:1])
        chat.evidence.deliveries += 1
    chat.leave(newcomers)


@requirement("JOIN-3")
def test_the_words_of_the_notice(chat: ServerSession) -> None:
    """The notice reads `NAME joined the chat`."""
    (bob,) = chat.gather("bob")
    name = chat.name("alice")
    wanted = f"{name} joined the chat"
    for notice in (chat.connect("alice").joins(name), bob.sees_notice(name)):
        if notice["message"] != wanted:
            raise Broken(f"the notice to read {wanted!r}", repr(notice["message"]))


@requirement("JOIN-4")
def test_a_name_in_use_is_refused(chat: ServerSession) -> None:
    """A join with a name in use gets an error; its holder keeps it, and nobody else is told."""
    alice, bob = chat.gather("alice", "bob")
    may_ask_again = True
    for number in range(3):
        twin = chat.connect("twin")
        for _ in range(3 if may_ask_again else 1):
            twin.asks_to_join(alice.name or "")
            twin.gets_error("for a name in use")
            # Whether a server ends the connection after a refused join is known by the first.
            may_ask_again = may_ask_again and (number > 0 or stays_open(twin))
            if not may_ask_again:
                break
        bob.whispers(alice, "are you there?")
        twin.leaves()
        chat.fence_ahead(bob)
        alice.hears_privately(bob, "are you there?")
        bob.is_told_delivered(alice, "are you there?")
        chat.shows_silence(alice, bob, about="nothing of a refused join")
    alice.says("I keep my name")
    bob.hears(alice, "I keep my name")


@requirement("JOIN-4")
def test_a_name_used_again_is_in_use(chat: ServerSession) -> None:
    """A name that was free for a while and is held again is refused like any other."""
    (bob,) = chat.gather("bob")
    name = chat.name("phoenix")
    for _ in range(3):
        holder = chat.joins("holder", name=name)
        twin = chat.connect("twin")
        twin.asks_to_join(name)
        twin.gets_error("for a name in use")
        holder.says("held")
        bob.hears(holder, "held")
        twin.leaves()
        holder.leaves()
        bob.sees_notice(name)


@requirement("JOIN-5")
def test_a_refused_client_can_try_again(chat: ServerSession) -> None:
    """The error reads `Username already taken`; the connection stays open and can join under another name."""
    alice, bob = chat.gather("alice", "bob")
    twin = chat.connect("twin")
    twin.asks_to_join(alice.name or "")
    text = twin.gets_error("for a name in use")["message"]
    if text != "Username already taken":
        raise Broken("the error to read 'Username already taken'", repr(text))
    twin.joins(chat.name("other"))
    bob.sees_notice(twin)


@requirement("JOIN-6")
def test_one_winner_of_a_race(chat: ServerSession) -> None:
    """Of joins with one name at the same time exactly one succeeds."""
    (bob,) = chat.gather("bob")
    for _ in range(_RACES):
        name = chat.name("prize")
        racers = [chat.connect("racer") for _ in range(_RACERS)]
        for racer in racers:
            racer.asks_to_join(name)
        answers = [racer.expects_any("system", "error")["type"] for racer in racers]
        if answers.count("system") != 1:
            raise Broken(f"exactly one of {_RACERS} joins to succeed", f"{answers.count('system')} did")
        bob.sees_notice(name)
        chat.proves_silence(bob, by=bob, about="one notice of one winner")
        chat.leave(racers)
        bob.sees_notice(name)


@requirement("JOIN-7")
def test_names_that_look_alike_differ(chat: ServerSession) -> None:
    """Names are compared code point by code point: case, accents, width and composition tell users apart."""
    base = chat.name("x")
    variants = [
        base,
        base.upper(),
        *(f"{base}{end}" for end in ("é", "e\u0301", "E", "É", "ß", "ss", "ſ", "\uff45", " e")),
    ]
    peers = [chat.connect("alike") for _ in variants]
    for peer, name in zip(peers, variants, strict=True):
        peer.asks_to_join(name)
    for peer, name in zip(peers, variants, strict=True):
        peer.is_joined_as(name)
    chat.settle()
    sender = peers[0]
    for some in batches(chat, list(zip(peers, variants, strict=True))):
        for _, name in some:
            sender.whispers(name, f"for {name}")
        for peer, name in some:
            peer.hears_privately(sender, f"for {name}")
            sender.is_told_delivered(name, f"for {name}")
    chat.proves_silence(*peers, by=sender, about="each message at its own target only")


@requirement("JOIN-8")
@generated(name=invalid_names())
def test_invalid_names_are_refused(chat: ServerSession, name: str) -> None:
    """A join with an invalid name gets an error and registers nobody."""
    (bob,) = chat.stay("bob")
    stranger = chat.stay_connected("stranger")
    stranger.asks_to_join(name)
    stranger.gets_error("for an invalid name")
    chat.proves_silence(bob, by=bob, about="nothing of a refused join")


@requirement("JOIN-8")
def test_an_invalid_name_registers_nobody(chat: ServerSession) -> None:
    """After a refused name the connection has not joined: it can still join under a valid one."""
    (bob,) = chat.gather("bob")
    token = chat.name("bad")
    names = (f"{token} ", f" {token}", f"{token}\n", f"{token}\u200b", token + "n" * 33, f"{token}\u2028")
    strangers = [chat.connect("stranger") for _ in names]
    for stranger, name in zip(strangers, names, strict=True):
        stranger.asks_to_join(name)
    for stranger in strangers:
        stranger.gets_error("for an invalid name")
        stranger.says("not in")
    for stranger in strangers:
        stranger.gets_error("for a message before a join")
    chat.proves_silence(bob, by=bob, about="nothing of a refused join")
    later = [chat.name("later") for _ in names]
    for stranger, name in zip(strangers, later, strict=True):
        stranger.asks_to_join(name)
    for stranger, name in zip(strangers, later, strict=True):
        stranger.is_joined_as(name)
        bob.sees_notice(name)
    chat.settle()
    bob.says("who is in?")
    for peer in (bob, *strangers):
        peer.hears(bob, "who is in?")
    chat.proves_silence(bob, *strangers, by=bob, about="nothing of a refused join")


@requirement("JOIN-9")
def test_messages_before_a_join(chat: ServerSession) -> None:
    """Any other message before a join gets an error and has no effect; the connection goes on."""
    alice, bob = chat.gather("alice", "bob")
    stranger = chat.connect("stranger")
    for last in ("public", "private"):
        stranger.whispers(alice, "too early")
        stranger.gets_error("for a private message before a join")
        stranger.says("too early")
        stranger.gets_error("for a public message before a join")
        if last == "private":
            stranger.whispers(alice, "too early")
            stranger.gets_error("for a private message before a join")
        require_working(chat, stranger)
        for peer in (alice, bob):
            peer.sees_notice(stranger)
        chat.settle()
        chat.proves_silence(alice, bob, stranger, by=stranger, about="no effect of messages before a join")
        stranger.leaves()
        for peer in (alice, bob):
            peer.sees_notice(stranger)
        stranger = chat.connect("stranger")


@requirement("JOIN-10")
def test_a_second_join_is_refused(chat: ServerSession) -> None:
    """A second join on a joined connection gets an error; the first name stays, the second stays free."""
    alice, bob = chat.gather("alice", "bob")
    second = chat.name("second")
    for name in (second, alice.name or "", bob.name or ""):
        alice.asks_to_join(name)
        alice.gets_error("for a second join")
    alice.says("as before")
    bob.hears(alice, "as before")
    bob.whispers(second, "nobody?")
    bob.is_told_undelivered(second, "nobody?")
    chat.proves_silence(bob, by=alice, about="nothing of a refused second join")
    carol = chat.connect("carol")
    carol.joins(second)
    bob.sees_notice(second)


@requirement("JOIN-11")
def test_a_stranger_hears_nothing(chat: ServerSession) -> None:
    """A connection that has not joined gets nothing but the answers to its own frames."""
    alice, bob = chat.gather("alice", "bob")
    silent, refused = chat.connect("silent"), chat.connect("refused")
    refused.asks_to_join(alice.name or "")
    refused.gets_error("for a name in use")
    alice.says("for members")
    bob.hears(alice, "for members")
    alice.whispers(bob, "for bob")
    bob.hears_privately(alice, "for bob")
    carol = chat.joins("carol")
    carol.leaves()
    for peer in (alice, bob):
        peer.sees_notice(carol)
    alice.sends_frame(b"bad")
    alice.gets_error("for a bad frame")
    chat.fence(alice, bob)
    silent.sends_frame(b"{}")
    silent.gets_error("for its own frame")
    # A server should keep the refused connection; one that ends it can still have sent too much before.
    strangers = [silent, refused] if stays_open(refused) else [silent]
    for stranger in strangers:
        if stranger.inbox.waiting:
            raise unexpected(stranger, "nothing but answers to its own frames", stranger.inbox.waiting)
    for stranger in strangers:
        stranger.joins(chat.name("stranger"))
    chat.fence(alice, bob)
    for stranger in (silent, refused):
        got = got_in_order(stranger, lambda m: None if m.get("type") == "system" else str(m))
        require_order(stranger, [], got, "nothing from before its join")
        chat.evidence.silences += 1


@requirement("JOIN-11")
def test_a_stranger_is_no_target(chat: ServerSession) -> None:
    """Bytes that reach a connection before it joins arrive before its first own answer: there are none."""
    alice, bob = chat.gather("alice", "bob")
    strangers = [chat.connect("stranger") for _ in range(5)]
    for number in range(20):
        alice.says(f"members only {number}")
    chat.fence(alice, bob)
    for stranger in strangers:
        stranger.sends_frame(b"{}")
        first = stranger.receiver.first_message()
        if first.get("type") != "error":
            raise unexpected(stranger, "an error for its own frame as the first thing", stranger.inbox.waiting[:1])
        chat.evidence.silences += 1
