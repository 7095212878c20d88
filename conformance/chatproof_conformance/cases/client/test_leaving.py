"""CLIENT-16 and CLIENT-17: a client leaves in order, and tells what the end of its connection leaves unsent."""

from chatproof_conformance.core.marks import requirement
from chatproof_conformance.core.outcomes import Broken, NotTested
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.judges.client.client_history import decoded
from chatproof_schemas.transcript import Kind

_LAST_WORDS = 30


@requirement("CLIENT-16")
def test_last_words_are_sent(client: ClientSession) -> None:
    """What its user says just before it leaves is sent, all of it, and then the stream ends in order."""
    for length in (1, 800):
        client.joins()
        connection = client.exchange.latest_connection()
        words = [f"last word {number} " + "x" * length for number in range(_LAST_WORDS)]
        for content in words:
            client.user.asks("say", content=content)
        client.leaves(at_length=True)
        said = [decoded(frame).get("content") for frame in connection.frames]
        lacking = [content for content in words if content not in said]
        if client.user.cannot("say"):
            raise NotTested("the driver cannot say")
        if lacking:
            raise Broken(f"{quoted(lacking[0])} to be sent before the end of the stream", f"{len(lacking)} are not")
        client.evidence.deliveries += len(words)
        _has_ended_in_order(client, connection.ended)


@requirement("CLIENT-16")
def test_it_leaves_while_others_talk(client: ClientSession) -> None:
    """A client that leaves while messages arrive ends its side in order: no reset."""
    for _ in range(2):
        client.joins()
        connection = client.exchange.latest_connection()
        for number in range(_LAST_WORDS):
            client.server.sends_public("bob", f"don't go {number}")
        client.check_shown()
        client.leaves()
        _has_ended_in_order(client, connection.ended)


@requirement("CLIENT-17")
def test_what_is_said_after_the_end_is_told_as_not_sent(client: ClientSession) -> None:
    """Once a client has told that its connection is over, it says of each message that it is not sent."""
    for reset in (False, True):
        client.joins()
        client.vanishes(reset=reset)
        for target in (None, "bob"):
            client.user.says_in_vain("is anyone there?", target)
            client.evidence.silences += 1


def _has_ended_in_order(client: ClientSession, ended: Kind | None) -> None:
    if ended is not Kind.CLOSE:
        how = "a reset" if ended is Kind.RESET else "nothing"
        raise Broken("the stream to end in order when its user leaves", how)
    client.evidence.silences += 1
