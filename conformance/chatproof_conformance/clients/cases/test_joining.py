"""CLIENT-1 and CLIENT-6: a join first, and what becomes of a client whose join is refused."""

from hypothesis import strategies as st

from chatproof_conformance.clients.stage import Stage
from chatproof_conformance.outcomes import Broken, Inconclusive, NotTested
from chatproof_conformance.peers.wording import quoted
from chatproof_conformance.requirement import generated, requirement
from chatproof_conformance.strategies.text import TELLING_NAME_CORES, name_cores

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
def test_its_first_frame_is_a_join(stage: Stage) -> None:
    """A client that connects sends a valid join under its user's name, before anything else."""
    for label in ("alice", "Bob", "carol with spaces"):
        _joins_as(stage, stage.name(label))


@requirement("CLIENT-1")
def test_each_connection_begins_with_a_join(stage: Stage) -> None:
    """A client that connects again joins again, however the connection before ended."""
    stage.joins()
    stage.vanishes()
    _joins_as(stage, stage.name("alice"))
    stage.vanishes(reset=True)
    _joins_as(stage, stage.name("bob"))


@requirement("CLIENT-1")
def test_a_message_does_not_overtake_the_join(stage: Stage) -> None:
    """What its user says before the join is answered comes after the join, or is refused."""
    name = stage.name("hasty")
    stage.connects(name)
    stage.asks("say", content="are you there?")
    message = stage.sends_join()
    stage.takes_join(message)
    stage.settles()


@requirement("CLIENT-1")
def test_names_of_any_script(stage: Stage) -> None:
    """A valid name is sent code point for code point, or the client refuses it: letters of any script, 32 of them."""
    for core in (*TELLING_NAME_CORES, "n" * 32, "🙂" * 32, "é" * 32):
        _joins_as(stage, core if core.strip(" ") == core else "x", may_refuse=True)


@requirement("CLIENT-1")
def test_no_join_with_an_invalid_name(stage: Stage) -> None:
    """A name that is none is not sent as a join: the client refuses it, or makes a valid one of it."""
    for name in _INVALID:
        try:
            stage.connects(name)
        except Broken:
            if not stage.told("refused", "disconnected", "failed", "unsupported", "invalid_request"):
                raise
            stage.evidence.silences += 1
            continue
        _sends_no_invalid_join(stage)
        stage.evidence.silences += 1
    _joins_as(stage, stage.name("valid"))


@requirement("CLIENT-1")
@generated(core=name_cores())
def test_generated_names(stage: Stage, core: str) -> None:
    """Any valid name is joined under as it is, or refused by the client."""
    _joins_as(stage, f"a{core}z", may_refuse=True)


@requirement("CLIENT-6")
def test_the_reason_of_a_refused_join_is_shown(stage: Stage) -> None:
    """Whatever its code, and with none: the words of the error are shown, and the client is not joined."""
    _requires_word_of_joins(stage)
    for refusal in _REFUSALS:
        stage.connects()
        stage.sends_join()
        stage.sends(type="error", **refusal)
        _sees_refusal(stage)
        stage.concludes()


@requirement("CLIENT-6")
def test_a_refused_client_sends_no_messages(stage: Stage) -> None:
    """After a refusal its user cannot send messages, until another join succeeds."""
    _requires_word_of_joins(stage)
    stage.connects()
    stage.sends_join()
    stage.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(stage)
    connection = stage.connection
    if connection is not None and connection.open:
        stage.says("am I in?")
        stage.says("and to bob?", "bob")
    stage.concludes()
    stage.joins("other")


@requirement("CLIENT-6")
def test_another_name_after_a_refusal(stage: Stage) -> None:
    """A client that tries another name on the same connection is joined when that is taken, and only then."""
    stage.connects()
    stage.sends_join()
    stage.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(stage)
    stage.concludes()
    connection = stage.connection
    if connection is None or not connection.open:
        raise NotTested("the client ends the connection when its join is refused")
    frames = len(connection.frames)
    second = stage.name("second")
    stage.asks("join", username=second)
    message = stage.sends_another_join(frames)
    if message["username"] != second:
        raise Broken(f"a join as {quoted(second)}", f"one as {quoted(message['username'])}")
    stage.takes_join(message)
    stage.settles()
    said = stage.must_say("now I am in")
    stage.echoes(said["content"])
    stage.settles()


@requirement("CLIENT-6")
def test_a_second_refusal(stage: Stage) -> None:
    """A client whose second name is refused too is as little joined as before."""
    _requires_word_of_joins(stage)
    frames = _is_refused(stage)
    stage.asks("join", username=stage.name("second"))
    stage.sends_another_join(frames)
    stage.sends(type="error", message="That one is taken too", code="username_taken")
    stage.concludes()
    stage.joins("third")


@requirement("CLIENT-6")
def test_what_was_said_before_the_answer_is_not_sent_after_a_refusal(stage: Stage) -> None:
    """What its user said before the join was answered, and the client has kept, is not sent once it is refused."""
    frames = _is_refused(stage, "are you there?")
    stage.asks("join", username=stage.name("second"))
    stage.takes_join(stage.sends_another_join(frames))
    stage.settles()


@requirement("CLIENT-6", "CLIENT-7")
def test_a_refusal_and_the_end(stage: Stage) -> None:
    """A server that is full refuses and ends the connection: reason and end are shown, also when both come at once."""
    _requires_word_of_joins(stage)
    for _ in range(2):
        stage.connects()
        stage.sends_join()
        stage.sends(type="error", message="The server is full", code="server_full")
        stage.vanishes()


@requirement("CLIENT-6")
def test_a_bad_frame_is_no_answer_to_a_join(stage: Stage) -> None:
    """What comes before the answer and is no message neither joins a client nor refuses it."""
    _requires_word_of_joins(stage)
    stage.connects()
    stage.sends_join()
    stage.sends_frame(b'{"type":"system","message":"joined the chat"')
    stage.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(stage)
    stage.concludes()


@requirement("CLIENT-6")
@generated(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_generated_refusals(stage: Stage, text: str) -> None:
    """The words of a refusal are shown, whatever they are."""
    stage.connects()
    stage.sends_join()
    stage.sends(type="error", message=text)
    _sees_refusal(stage)
    stage.concludes()


def _requires_word_of_joins(stage: Stage) -> None:
    """See that this client tells when it is joined: else its silence after a refusal would prove nothing."""
    stage.joins()
    if not stage.waits_until_told("joined"):
        raise Inconclusive("the driver never tells that the client is joined, so nothing shows that it is not")


def _sees_refusal(stage: Stage) -> None:
    stage.waits_until_told("refused", "disconnected", "shown")


def _is_refused(stage: Stage, said: str | None = None) -> int:
    """Refuse a join, after its user has said something; return how many frames the client has sent then.

    Raises:
        NotTested: where the client ends the connection then, or sends the message before it has its answer.
    """
    stage.connects()
    stage.sends_join()
    connection = stage.connection
    if said is not None and stage.says(said) is not None:
        raise NotTested("the client sends messages before its join is answered")
    frames = len(connection.frames) if connection is not None else 0
    stage.sends(type="error", message="Username already taken", code="username_taken")
    _sees_refusal(stage)
    if connection is None or not connection.open:
        raise NotTested("the client ends the connection when its join is refused")
    return frames


def _joins_as(stage: Stage, name: str, *, may_refuse: bool = False) -> None:
    try:
        stage.connects(name)
    except Broken:
        if may_refuse and stage.told("refused", "disconnected", "unsupported", "invalid_request"):
            return
        raise
    message = stage.sends_join()
    if message["username"] != name:
        raise Broken(f"a join as {quoted(name)}", f"one as {quoted(message['username'])}")
    stage.takes_join(message)
    stage.settles()


def _sends_no_invalid_join(stage: Stage) -> None:
    try:
        stage.sends_join()
    except Broken as broken:
        if "nothing;" not in broken.actual:
            raise
