"""CLIENT-1, CLIENT-6 and CLIENT-13: a join first, whose notice joins it, and what becomes of it when it is refused."""

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Broken, Inconclusive, NotTested
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation.text import TELLING_NAME_CORES, name_cores

_INVALID = ("", " ", "n" * 33, " alice", "alice ", "a\nb", "a\tb", "a\u200bb", "a\u2028b", "\x7f", "a\u202eb", "\ufeff")
_REFUSALS = (
    {"message": "Username already taken", "code": "username_taken"},
    {"message": "No room left for anyone", "code": "server_full"},
    {"message": "That is no name"},
    {"message": "Zu früh, 🙂 «später»", "code": "username_invalid"},
    {"message": "Only members may enter", "code": "username_invalid", "until": "18:00"},
    {"message": "Kicked", "code": "username_taken", "retry_after": 30, "hint": {"try": ["bob"]}},
)


@requirement("CLIENT-1")
def test_its_first_frame_is_a_join(client: ClientSession) -> None:
    """A client that connects sends a valid join under its user's name, before anything else."""
    for label in ("alice", "Bob", "carol with spaces"):
        _joins_as(client, client.name(label))


@requirement("CLIENT-1")
def test_each_connection_begins_with_a_join(client: ClientSession) -> None:
    """A client that connects again joins again, however the connection before ended."""
    client.joins()
    client.vanishes()
    _joins_as(client, client.name("alice"))
    client.vanishes(reset=True)
    _joins_as(client, client.name("bob"))


@requirement("CLIENT-1")
def test_a_message_does_not_overtake_the_join(client: ClientSession) -> None:
    """What its user says before the join is answered comes after the join, or is refused."""
    name = client.name("hasty")
    client.connects(name)
    client.user.asks("say", content="are you there?")
    message = client.sends_join()
    client.takes_join(message)
    client.check_shown()


@requirement("CLIENT-1", "CLIENT-15")
def test_names_of_any_script(client: ClientSession) -> None:
    """A valid name is sent code point for code point: letters of any script, 32 of them."""
    for core in (*TELLING_NAME_CORES, "n" * 32, "🙂" * 32, "é" * 32):
        _joins_as(client, core if core.strip(" ") == core else "x")


@requirement("CLIENT-1")
def test_no_join_with_an_invalid_name(client: ClientSession) -> None:
    """A name that is none is not sent as a join: the client refuses it, or makes a valid one of it."""
    for name in _INVALID:
        try:
            client.connects(name)
        except Broken:
            if not client.user.reported("refused", "disconnected", "failed", "unsupported", "invalid_request"):
                raise
            client.evidence.silences += 1
            continue
        _sends_no_invalid_join(client)
        client.evidence.silences += 1
    _joins_as(client, client.name("valid"))


@requirement("CLIENT-1", "CLIENT-15")
@generated(core=name_cores())
def test_generated_names(client: ClientSession, core: str) -> None:
    """Any valid name is joined under as it is."""
    _joins_as(client, f"a{core}z")


@requirement("CLIENT-13")
def test_only_its_own_notice_joins_it(client: ClientSession) -> None:
    """A client that has joined is not joined anew by others whose names hold its own, or by what looks like one."""
    name = client.joins("ann")
    _require_word(client)
    notice = f"{name} joined the chat"
    for other in (f"{name}a", f"a{name}", f"a {name} b", name.upper()):
        client.server.sends(type="system", message=f"{other} joined the chat")
        client.server.sends(type="system", message=f"{other} left the chat")
    client.server.sends_public("bob", notice)
    client.server.sends(type="private_message", sender="bob", content=notice)
    client.server.sends(type="server", message=notice)
    client.check_shown()


@requirement("CLIENT-13")
def test_each_connection_has_its_own_join(client: ClientSession) -> None:
    """A client tells that it has joined once for each connection, not before the server has taken the join."""
    for _ in range(2):
        client.joins("ann")
        _require_word(client)
        client.connects()
        message = client.sends_join()
        client.server.sends_frame(b'{"type":"system","message":"' + message["username"].encode() + b" joined")
        client.user.waits_for("problem")
        if client.user.reported("joined"):
            raise Broken("a client to be joined by the notice of its join", "it takes itself for joined by a bad frame")
        client.takes_join(message)
        client.check_shown()
        client.vanishes()


@requirement("CLIENT-6")
def test_the_reason_of_a_refused_join_is_shown(client: ClientSession) -> None:
    """Whatever its code, and with none: the words of the error are shown, and the client is not joined."""
    _requires_word_of_joins(client)
    for refusal in _REFUSALS:
        client.connects()
        client.sends_join()
        client.server.sends(type="error", **refusal)
        _sees_refusal(client)
        client.concludes()


@requirement("CLIENT-6")
def test_a_refused_client_sends_no_messages(client: ClientSession) -> None:
    """After a refusal its user cannot send messages, until another join succeeds."""
    _requires_word_of_joins(client)
    client.connects()
    client.sends_join()
    client.server.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(client)
    connection = client.connection
    if connection is not None and connection.open:
        client.user.says("am I in?")
        client.user.says("and to bob?", "bob")
    client.concludes()
    client.joins("other")


@requirement("CLIENT-6")
def test_another_name_after_a_refusal(client: ClientSession) -> None:
    """A client that tries another name on the same connection is joined when that is taken, and only then."""
    client.connects()
    client.sends_join()
    client.server.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(client)
    client.concludes()
    connection = client.connection
    if connection is None or not connection.open:
        raise NotTested("the client ends the connection when its join is refused")
    frames = len(connection.frames)
    second = client.name("second")
    client.user.asks("join", username=second)
    message = client.sends_another_join(frames)
    if message["username"] != second:
        raise Broken(f"a join as {quoted(second)}", f"one as {quoted(message['username'])}")
    client.takes_join(message)
    client.check_shown()
    said = client.user.must_say("now I am in")
    client.server.echoes(said["content"])
    client.check_shown()


@requirement("CLIENT-6")
def test_a_second_refusal(client: ClientSession) -> None:
    """A client whose second name is refused too is as little joined as before."""
    _requires_word_of_joins(client)
    frames = _is_refused(client)
    client.user.asks("join", username=client.name("second"))
    client.sends_another_join(frames)
    client.server.sends(type="error", message="That one is taken too", code="username_taken")
    client.concludes()
    client.joins("third")


@requirement("CLIENT-6")
def test_what_was_said_before_the_answer_is_not_sent_after_a_refusal(client: ClientSession) -> None:
    """What its user said before the join was answered, and the client has kept, is not sent once it is refused."""
    frames = _is_refused(client, "are you there?")
    client.user.asks("join", username=client.name("second"))
    client.takes_join(client.sends_another_join(frames))
    client.check_shown()


@requirement("CLIENT-6", "CLIENT-7")
def test_a_refusal_and_the_end(client: ClientSession) -> None:
    """A server that is full refuses and ends the connection: reason and end are shown, also when both come at once."""
    _requires_word_of_joins(client)
    for _ in range(2):
        client.connects()
        client.sends_join()
        client.server.sends(type="error", message="The server is full", code="server_full")
        client.vanishes()


@requirement("CLIENT-6")
def test_a_bad_frame_is_no_answer_to_a_join(client: ClientSession) -> None:
    """What comes before the answer and is no message neither joins a client nor refuses it."""
    _requires_word_of_joins(client)
    client.connects()
    client.sends_join()
    client.server.sends_frame(b'{"type":"system","message":"joined the chat"')
    client.server.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(client)
    client.concludes()


@requirement("CLIENT-6")
@generated(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_generated_refusals(client: ClientSession, text: str) -> None:
    """The words of a refusal are shown, whatever they are."""
    client.connects()
    client.sends_join()
    client.server.sends(type="error", message=text)
    _sees_refusal(client)
    client.concludes()


def _requires_word_of_joins(client: ClientSession) -> None:
    """See that this client tells when it is joined: else its silence after a refusal would prove nothing."""
    client.joins()
    _require_word(client)


def _require_word(client: ClientSession) -> None:
    if not client.user.waits_for("joined"):
        raise Inconclusive("the driver never tells that the client is joined, so nothing shows that it is not")


def _sees_refusal(client: ClientSession) -> None:
    client.user.waits_for("refused", "disconnected", "shown")


def _is_refused(client: ClientSession, said: str | None = None) -> int:
    """Refuse a join, after its user has said something; return how many frames the client has sent then.

    Raises:
        NotTested: where the client ends the connection then, or sends the message before it has its answer.
    """
    client.connects()
    client.sends_join()
    connection = client.connection
    if said is not None and client.user.says(said) is not None:
        raise NotTested("the client sends messages before its join is answered")
    frames = len(connection.frames) if connection is not None else 0
    client.server.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(client)
    if connection is None or not connection.open:
        raise NotTested("the client ends the connection when its join is refused")
    return frames


def _joins_as(client: ClientSession, name: str) -> None:
    try:
        client.connects(name)
    except Broken as broken:
        if client.user.reported("unsupported", "invalid_request"):
            return
        if client.user.reported("refused"):
            raise Broken(f"a join as {quoted(name)}, which is valid", broken.finding.actual, "CLIENT-15") from None
        raise
    message = client.sends_join()
    if message["username"] != name:
        raise Broken(f"a join as {quoted(name)}", f"one as {quoted(message['username'])}")
    client.takes_join(message)
    client.check_shown()


def _sends_no_invalid_join(client: ClientSession) -> None:
    try:
        client.sends_join()
    except Broken as broken:
        if broken.finding.frames:
            raise
