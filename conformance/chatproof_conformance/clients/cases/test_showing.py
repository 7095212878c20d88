"""CLIENT-8 and CLIENT-9: each message once, and failed deliveries as failed."""

from hypothesis import strategies as st

from chatproof_conformance.clients.frames import valid_message
from chatproof_conformance.clients.stage import Stage
from chatproof_conformance.requirement import generated, requirement
from chatproof_conformance.strategies.text import contents


@requirement("CLIENT-8")
def test_its_own_message_appears_once(stage: Stage) -> None:
    """A public message of its user comes back from the server and is shown once."""
    stage.joins()
    for content in ("hello", "hello", "é 中 🙂"):
        stage.must_say(content)
        stage.echoes(content)
        stage.settles()


@requirement("CLIENT-8")
def test_its_own_messages_among_others(stage: Stage) -> None:
    """Its own messages appear once where others speak before, between and after them."""
    stage.joins()
    for number in range(5):
        stage.hears("bob", f"before {number}")
        stage.must_say(f"mine {number}")
        stage.hears("bob", f"between {number}")
        stage.echoes(f"mine {number}")
        stage.hears("bob", f"after {number}")
    stage.settles()


@requirement("CLIENT-8")
def test_its_own_messages_come_back_together(stage: Stage) -> None:
    """Several messages of its user that come back at once are each shown once."""
    stage.joins()
    for number in range(8):
        stage.must_say(f"at once {number}")
    for number in range(8):
        stage.echoes(f"at once {number}")
    stage.settles()


@requirement("CLIENT-8")
def test_the_same_words_again_are_another_message(stage: Stage) -> None:
    """Messages with the same words, of others and of its user, are each shown as often as they came."""
    stage.joins()
    for kind in ("message", "private_message", "system", "server"):
        for _ in range(3):
            stage.sends(**valid_message(kind, f"the same {kind}"))
        stage.settles()
    for _ in range(3):
        stage.must_say("yes")
        stage.echoes("yes")
    stage.settles()
    stage.must_say("me too")
    stage.hears("bob", "me too")
    stage.echoes("me too")
    stage.hears("carol", "me too")
    stage.settles()


@requirement("CLIENT-8")
def test_a_message_to_oneself(stage: Stage) -> None:
    """A private message to oneself is shown once, and once as delivered."""
    name = stage.joins()
    stage.must_say("note to self", name)
    stage.sends(type="private_message", sender=name, content="note to self")
    stage.confirms(name, "note to self")
    stage.settles()


@requirement("CLIENT-8")
def test_private_messages_appear_once(stage: Stage) -> None:
    """A private message is shown once to its target, and once to its sender when it was delivered."""
    stage.joins()
    for number in range(4):
        stage.must_say(f"to bob {number}", "bob")
        stage.confirms("bob", f"to bob {number}")
        stage.sends(type="private_message", sender="bob", content=f"from bob {number}")
        stage.settles()


@requirement("CLIENT-8")
def test_nothing_is_shown_again_on_the_next_connection(stage: Stage) -> None:
    """What was shown on one connection is not shown again on the next."""
    stage.joins()
    stage.must_say("said before")
    stage.echoes("said before")
    stage.hears("bob", "heard before")
    stage.settles()
    stage.vanishes()
    stage.joins()
    stage.hears("bob", "heard after")
    stage.settles()


@requirement("CLIENT-8")
@generated(content=contents(12), others=st.lists(contents(6), max_size=3))
def test_generated_echoes(stage: Stage, content: str, others: list[str]) -> None:
    """Whatever its user says, and others say meanwhile, is shown once."""
    stage.stays_joined()
    said = stage.says_if_it_can(content)
    for other in others:
        stage.hears("bob", other)
    if said:
        stage.echoes(content)
    stage.settles()


@requirement("CLIENT-9")
def test_an_undelivered_message_is_shown_as_failed(stage: Stage) -> None:
    """A confirmation with delivered false is shown as a failure, with a reason and without."""
    stage.joins()
    for number, members in enumerate(({"reason": "User not found"}, {}, {"reason": "x"}, {"reason": "Zu spät 🙂"})):
        stage.must_say(f"anyone? {number}", "nobody")
        stage.confirms("nobody", f"anyone? {number}", delivered=False, **members)
        stage.settles()


@requirement("CLIENT-9")
def test_some_are_delivered_and_some_are_not(stage: Stage) -> None:
    """Each private message is shown as what became of it, also where the answers come at once."""
    stage.joins()
    for number in range(6):
        stage.must_say(f"number {number}", "bob" if number % 2 else "nobody")
    for number in range(6):
        target = "bob" if number % 2 else "nobody"
        stage.confirms(target, f"number {number}", delivered=bool(number % 2))
    stage.settles()


@requirement("CLIENT-9")
def test_the_same_words_delivered_and_not(stage: Stage) -> None:
    """The same words to one who has gone and come back: first delivered, then not, then delivered."""
    stage.joins()
    for delivered in (True, False, True, False, False):
        stage.must_say("are you there?", "bob")
        stage.confirms("bob", "are you there?", delivered=delivered)
        stage.settles()


@requirement("CLIENT-9")
def test_failures_with_unknown_members(stage: Stage) -> None:
    """A failure with members that the client does not know is still a failure."""
    stage.joins()
    stage.must_say("anyone?", "nobody")
    stage.confirms("nobody", "anyone?", delivered=False, reason="gone", retry=True, delivered_at=None)
    stage.settles()


@requirement("CLIENT-9")
@generated(content=contents(12), reason=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_generated_failures(stage: Stage, content: str, reason: str | None) -> None:
    """Whatever was said and whyever it failed, it is shown as failed."""
    stage.stays_joined()
    if stage.says_if_it_can(content, "nobody"):
        stage.confirms("nobody", content, delivered=False, **({} if reason is None else {"reason": reason}))
    stage.settles()
