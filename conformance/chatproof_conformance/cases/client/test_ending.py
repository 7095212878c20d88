"""CLIENT-7: the server vanishes, in every way and at any byte."""

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation.server_frames import ServerMessage, encoded, valid_message, valid_messages

_FRAME = encoded(valid_message("message", "é🙂 cut off"))


@requirement("CLIENT-7")
def test_the_server_ends_the_connection(client: ClientSession) -> None:
    """The end of the stream is shown, and the client can connect again."""
    for _ in range(2):
        client.joins()
        client.vanishes()


@requirement("CLIENT-7")
def test_the_connection_is_reset(client: ClientSession) -> None:
    """A reset is shown as an end, and the client can connect again."""
    for _ in range(2):
        client.joins()
        client.vanishes(reset=True)


@requirement("CLIENT-7")
def test_the_end_with_the_last_words(client: ClientSession) -> None:
    """What arrives in one piece with the end is shown, then the end."""
    client.joins()
    messages = [valid_message("message", f"last words {number}") for number in range(20)]
    messages.append(valid_message("system", "The server is stopping."))
    client.server.sends_bytes(b"".join(encoded(message) + b"\n" for message in messages))
    client.vanishes()


@requirement("CLIENT-7")
def test_the_end_in_the_middle_of_a_frame(client: ClientSession) -> None:
    """An unfinished frame is not shown; the end is."""
    for part in (_FRAME[:1], _FRAME[: _FRAME.index("é".encode()) + 1], _FRAME[:-1], _FRAME, b" ", b'"', b"12"):
        for reset in (False, True):
            client.joins()
            client.server.sends_bytes(part)
            client.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_right_after_the_connection(client: ClientSession) -> None:
    """A server that accepts a connection and ends it at once, in order or not, is noticed."""
    for reset in (False, True, False, True):
        client.connects()
        client.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_of_a_server_that_never_answers(client: ClientSession) -> None:
    """The end of a connection whose join was never answered is noticed."""
    for reset in (False, True):
        client.connects()
        client.sends_join()
        client.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_while_its_user_speaks(client: ClientSession) -> None:
    """The end is noticed also where messages are on their way or not answered."""
    for reset in (False, True):
        client.joins()
        client.user.must_say("is anyone there?")
        client.user.must_say("bob?", "bob")
        client.vanishes(reset=reset)


@requirement("CLIENT-7")
def test_the_end_after_a_bad_frame(client: ClientSession) -> None:
    """A bad frame just before the end hides neither itself nor the end."""
    client.joins()
    client.server.sends_frame(b'{"type":"system",')
    client.vanishes()


@requirement("CLIENT-7")
@generated(messages=valid_messages(most=4), place=st.floats(0, 1), reset=st.booleans())
def test_generated_ends(client: ClientSession, messages: list[ServerMessage], place: float, reset: bool) -> None:  # noqa: FBT001  input
    """The server vanishes at any byte: what was complete is shown, nothing else, and the end is noticed."""
    client.joins()
    data = b"".join(encoded(message) + b"\n" for message in messages)
    client.server.sends_bytes(data[: round(place * len(data))])
    client.vanishes(reset=reset)
