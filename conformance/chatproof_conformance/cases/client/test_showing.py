"""CLIENT-8 and CLIENT-9: each message once, and failed deliveries as failed."""

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation.server_frames import valid_message
from chatproof_conformance.generation.text import contents


@requirement("CLIENT-8")
def test_its_own_message_appears_once(client: ClientSession) -> None:
    """A public message of its user comes back from the server and is shown once."""
    client.joins()
    for content in ("hello", "hello", "é 中 🙂"):
        client.user.must_say(content)
        client.server.echoes(content)
        client.check_shown()


@requirement("CLIENT-8")
def test_its_own_messages_among_others(client: ClientSession) -> None:
    """Its own messages appear once where others speak before, between and after them."""
    client.joins()
    for number in range(5):
        client.server.sends_public("bob", f"before {number}")
        client.user.must_say(f"mine {number}")
        client.server.sends_public("bob", f"between {number}")
        client.server.echoes(f"mine {number}")
        client.server.sends_public("bob", f"after {number}")
    client.check_shown()


@requirement("CLIENT-8")
def test_its_own_messages_come_back_together(client: ClientSession) -> None:
    """Several messages of its user that come back at once are each shown once."""
    client.joins()
    for number in range(8):
        client.user.must_say(f"at once {number}")
    for number in range(8):
        client.server.echoes(f"at once {number}")
    client.check_shown()


@requirement("CLIENT-8")
def test_the_same_words_again_are_another_message(client: ClientSession) -> None:
    """Messages with the same words, of others and of its user, are each shown as often as they came."""
    client.joins()
    for kind in ("message", "private_message", "system", "server"):
        for _ in range(3):
            client.server.sends(**valid_message(kind, f"the same {kind}"))
        client.check_shown()
    for _ in range(3):
        client.user.must_say("yes")
        client.server.echoes("yes")
    client.check_shown()
    client.user.must_say("me too")
    client.server.sends_public("bob", "me too")
    client.server.echoes("me too")
    client.server.sends_public("carol", "me too")
    client.check_shown()


@requirement("CLIENT-8")
def test_a_message_to_oneself(client: ClientSession) -> None:
    """A private message to oneself is shown once, and once as delivered."""
    name = client.joins()
    client.user.must_say("note to self", name)
    client.server.sends(type="private_message", sender=name, content="note to self")
    client.server.confirms(name, "note to self")
    client.check_shown()


@requirement("CLIENT-8")
def test_private_messages_appear_once(client: ClientSession) -> None:
    """A private message is shown once to its target, and once to its sender when it was delivered."""
    client.joins()
    for number in range(4):
        client.user.must_say(f"to bob {number}", "bob")
        client.server.confirms("bob", f"to bob {number}")
        client.server.sends(type="private_message", sender="bob", content=f"from bob {number}")
        client.check_shown()


@requirement("CLIENT-12", "CLIENT-8")
def test_nothing_is_shown_again_on_the_next_connection(client: ClientSession) -> None:
    """What was shown on one connection is not shown again on the next."""
    client.joins()
    client.user.must_say("said before")
    client.server.echoes("said before")
    client.server.sends_public("bob", "heard before")
    client.check_shown()
    client.vanishes()
    client.joins()
    client.server.sends_public("bob", "heard after")
    client.check_shown()


@requirement("CLIENT-8")
@generated(content=contents(12), others=st.lists(contents(6), max_size=3))
def test_generated_echoes(client: ClientSession, content: str, others: list[str]) -> None:
    """Whatever its user says, and others say meanwhile, is shown once."""
    client.stays_joined()
    said = client.user.says_if_it_can(content)
    for other in others:
        client.server.sends_public("bob", other)
    if said:
        client.server.echoes(content)
    client.check_shown()


@requirement("CLIENT-9")
def test_an_undelivered_message_is_shown_as_failed(client: ClientSession) -> None:
    """A confirmation with delivered false is shown as a failure, with a reason and without."""
    client.joins()
    for number, members in enumerate(({"reason": "User not found"}, {}, {"reason": "x"}, {"reason": "Zu spät 🙂"})):
        client.user.must_say(f"anyone? {number}", "nobody")
        client.server.confirms("nobody", f"anyone? {number}", delivered=False, **members)
        client.check_shown()


@requirement("CLIENT-9")
def test_some_are_delivered_and_some_are_not(client: ClientSession) -> None:
    """Each private message is shown as what became of it, also where the answers come at once."""
    client.joins()
    for number in range(6):
        client.user.must_say(f"number {number}", "bob" if number % 2 else "nobody")
    for number in range(6):
        target = "bob" if number % 2 else "nobody"
        client.server.confirms(target, f"number {number}", delivered=bool(number % 2))
    client.check_shown()


@requirement("CLIENT-9")
def test_the_same_words_delivered_and_not(client: ClientSession) -> None:
    """The same words to one who has gone and come back: first delivered, then not, then delivered."""
    client.joins()
    for delivered in (True, False, True, False, False):
        client.user.must_say("are you there?", "bob")
        client.server.confirms("bob", "are you there?", delivered=delivered)
        client.check_shown()


@requirement("CLIENT-9")
def test_failures_with_unknown_members(client: ClientSession) -> None:
    """A failure with members that the client does not know is still a failure."""
    client.joins()
    client.user.must_say("anyone?", "nobody")
    client.server.confirms("nobody", "anyone?", delivered=False, reason="gone", retry=True, delivered_at=None)
    client.check_shown()


@requirement("CLIENT-9")
@generated(content=contents(12), reason=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_generated_failures(client: ClientSession, content: str, reason: str | None) -> None:
    """Whatever was said and whyever it failed, it is shown as failed."""
    client.stays_joined()
    if client.user.says_if_it_can(content, "nobody"):
        client.server.confirms("nobody", content, delivered=False, **({} if reason is None else {"reason": reason}))
    client.check_shown()
