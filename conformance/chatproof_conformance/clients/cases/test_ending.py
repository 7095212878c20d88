"""CLIENT-7: the server vanishes, in every way and at any byte."""

from hypothesis import strategies as st

from chatproof_conformance.clients.frames import Told, encoded, valid_message, valid_messages
from chatproof_conformance.clients.stage import Stage
from chatproof_conformance.requirement import generated, requirement

_FRAME = encoded(valid_message("message", "é🙂 cut off"))


@requirement("CLIENT-7")
def test_the_server_ends_the_connection(stage: Stage) -> None:
    """The end of the stream is shown, and the client can connect again."""
    for _ in range(2):
        stage.joins()
        stage.vanishes()


@requirement("CLIENT-7")
def test_the_connection_is_reset(stage: Stage) -> None:
    """A reset is shown as an end, and the client can connect again."""
    for _ in range(2):
        stage.joins()
        stage.vanishes(reset=True)


@requirement("CLIENT-7")
def test_the_end_with_the_last_words(stage: Stage) -> None:
    """What arrives in one piece with the end is shown, then the end."""
    stage.joins()
    messages = [valid_message("message", f"last words {number}") for number in range(20)]
    messages.append(valid_message("system", "The server is stopping."))
    stage.sends_bytes(b"".join(encoded(message) + b"\n" for message in messages))
    stage.vanishes()


@requirement("CLIENT-7")
def test_the_end_in_the_middle_of_a_frame(stage: Stage) -> None:
    """An unfinished frame is not shown; the end is."""
    for part in (_FRAME[:1], _FRAME[: _FRAME.index("é".encode()) + 1], _FRAME[:-1], _FRAME, b" ", b'"', b"12"):
        for reset in (False, True):
            stage.joins()
            stage.sends_bytes(part)
            stage.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_right_after_the_connection(stage: Stage) -> None:
    """A server that accepts a connection and ends it at once, in order or not, is noticed."""
    for reset in (False, True, False, True):
        stage.connects()
        stage.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_of_a_server_that_never_answers(stage: Stage) -> None:
    """The end of a connection whose join was never answered is noticed."""
    for reset in (False, True):
        stage.connects()
        stage.sends_join()
        stage.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_while_its_user_speaks(stage: Stage) -> None:
    """The end is noticed also where messages are on their way or not answered."""
    for reset in (False, True):
        stage.joins()
        stage.must_say("is anyone there?")
        stage.must_say("bob?", "bob")
        stage.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_after_a_bad_frame(stage: Stage) -> None:
    """A bad frame just before the end hides neither itself nor the end."""
    stage.joins()
    stage.sends_frame(b'{"type":"system",')
    stage.vanishes()


@requirement("CLIENT-7")
@generated(messages=valid_messages(most=4), place=st.floats(0, 1), reset=st.booleans())
def test_generated_ends(stage: Stage, messages: list[Told], place: float, reset: bool) -> None:  # noqa: FBT001  input
    """The server vanishes at any byte: what was complete is shown, nothing else, and the end is noticed."""
    stage.joins()
    data = b"".join(encoded(message) + b"\n" for message in messages)
    stage.sends_bytes(data[: round(place * len(data))])
    stage.vanishes(reset=reset)
