"""CLIENT-3, CLIENT-10 and CLIENT-11: frames in any segmentation, several at once, as they are and in order."""

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation.segmentation import cuts, pieces
from chatproof_conformance.generation.server_frames import (
    TYPES,
    ServerMessage,
    encoded,
    in_other_words,
    valid_message,
    valid_messages,
)
from chatproof_conformance.generation.text import TELLING_CONTENTS, numbered_content


@requirement("CLIENT-10", "CLIENT-3")
def test_every_type_is_shown(client: ClientSession) -> None:
    """A message of each type that servers send is shown with who said it and what."""
    client.joins()
    for kind in TYPES:
        client.server.sends(**valid_message(kind, f"a message of the type {kind}"))
        client.check_shown()


@requirement("CLIENT-3")
def test_a_frame_byte_by_byte(client: ClientSession) -> None:
    """A frame that arrives one byte at a time is put together, also inside a UTF-8 sequence and an escape."""
    client.joins()
    data = encoded(valid_message("message", 'é🙂"\\ \u4e2d')) + b"\n"
    client.server.sends_pieces(data[place : place + 1] for place in range(len(data)))
    client.check_shown()


@requirement("CLIENT-3")
def test_frames_cut_at_every_byte(client: ClientSession) -> None:
    """Two frames in two pieces are two messages, wherever the cut is: before an LF, after it, inside a character."""
    client.joins()
    length = len(_two_frames(100))
    for place in range(1, length):
        data = _two_frames(100 + place)
        client.server.sends_pieces((data[:place], data[place:]))
    client.check_shown()


@requirement("CLIENT-3", "CLIENT-11")
def test_many_frames_at_once(client: ClientSession) -> None:
    """Every frame of many that arrive in one piece is shown, in order."""
    client.joins()
    for count in (2, 10, 300):
        messages = [valid_message(TYPES[n % 5], f"{n} of {count}") for n in range(count)]
        client.server.sends_bytes(b"".join(encoded(message) + b"\n" for message in messages))
        client.check_shown()


@requirement("CLIENT-3")
def test_the_end_of_one_and_the_beginning_of_the_next(client: ClientSession) -> None:
    """A piece that holds the end of a frame, whole ones and the beginning of another loses none of them."""
    client.joins()
    frames = [encoded(valid_message("message", f"part {number}")) + b"\n" for number in range(6)]
    data = b"".join(frames)
    client.server.sends_pieces((data[:20], data[20 : len(data) - 20], data[len(data) - 20 :]))
    client.check_shown()


@requirement("CLIENT-3")
def test_the_longest_frames(client: ClientSession) -> None:
    """Frames of up to 8192 bytes are taken, many in a row, whole and in pieces."""
    client.joins()
    room = 8192 - len(encoded(valid_message("server", "")))
    longest = encoded(valid_message("server", numbered_content(room))) + b"\n"
    escaped = b'{"type":"server","message":"%s","timestamp":"10:00:00"}\n' % (rb"\u0041" * 1300)
    client.server.sends_bytes(longest)
    client.check_shown()
    client.server.sends_pieces(pieces(longest, (0.1, 0.5, 0.9)))
    client.server.sends_bytes(escaped)
    client.check_shown()
    frames = [encoded(valid_message("message", f"{n} " + numbered_content(900))) + b"\n" for n in range(100)]
    client.server.sends_bytes(b"".join(frames))
    client.check_shown()


@requirement("CLIENT-3")
def test_white_space_and_other_words(client: ClientSession) -> None:
    """CR LF, spaces between tokens, escapes, members in another order, blank lines: the messages are the same."""
    client.joins()
    for kind in TYPES[:-1]:
        for number, frame in enumerate(in_other_words(valid_message(kind, f"{kind} ä/🙂"))):
            client.server.sends_bytes(frame + b"\n" + (b"\r\n \t\n\n" if number % 2 else b""))
            client.check_shown()


@requirement("CLIENT-10")
def test_texts_that_programs_change(client: ClientSession) -> None:
    """Any content is shown as it is; only what could act on a terminal or window may be made harmless."""
    client.joins()
    for start in range(0, len(TELLING_CONTENTS), 10):
        for content in TELLING_CONTENTS[start : start + 10]:
            client.server.sends_public("bob", content)
        client.check_shown()


@requirement("CLIENT-3")
def test_what_comes_with_the_join_notice(client: ClientSession) -> None:
    """Messages that arrive in one piece with the notice of its own join are shown after it."""
    client.connects()
    message = client.sends_join()
    frames = [{"type": "system", "message": f"{message['username']} joined the chat"}]
    frames += [{"type": "system", "message": "Here: bob, carol"}, valid_message("message", "welcome")]
    client.server.sends_bytes(b"".join(encoded(frame) + b"\n" for frame in frames))
    client.check_shown()


@requirement("CLIENT-3", "CLIENT-11", "CLIENT-10")
@generated(messages=valid_messages(), places=st.one_of(st.just([]), cuts()))
def test_generated_segmentation(client: ClientSession, messages: list[ServerMessage], places: list[float]) -> None:
    """Any messages, cut and joined anywhere, are shown each once and in order."""
    client.stays_joined()
    data = b"".join(encoded(message) + b"\n" for message in messages)
    client.server.sends_pieces(pieces(data, places) if places else [data])
    client.check_shown()


def _two_frames(number: int) -> bytes:
    first, second = valid_message("message", f"{number} é🙂"), valid_message("server", f"{number} 中\\")
    return encoded(first) + b"\n" + encoded(second) + b"\n"
