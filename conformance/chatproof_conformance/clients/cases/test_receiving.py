"""CLIENT-3: frames in any segmentation, several at once, in order."""

from hypothesis import strategies as st

from chatproof_conformance.clients.frames import TYPES, Told, encoded, in_other_words, valid_message, valid_messages
from chatproof_conformance.clients.stage import Stage
from chatproof_conformance.requirement import generated, requirement
from chatproof_conformance.strategies.segmentation import cuts, pieces
from chatproof_conformance.strategies.text import TELLING_CONTENTS, numbered_content


@requirement("CLIENT-3")
def test_every_type_is_shown(stage: Stage) -> None:
    """A message of each type that servers send is shown with who said it and what."""
    stage.joins()
    for kind in TYPES:
        stage.sends(**valid_message(kind, f"a message of the type {kind}"))
        stage.settles()


@requirement("CLIENT-3")
def test_a_frame_byte_by_byte(stage: Stage) -> None:
    """A frame that arrives one byte at a time is put together, also inside a UTF-8 sequence and an escape."""
    stage.joins()
    data = encoded(valid_message("message", 'é🙂"\\ \u4e2d')) + b"\n"
    stage.sends_pieces(data[place : place + 1] for place in range(len(data)))
    stage.settles()


@requirement("CLIENT-3")
def test_frames_cut_at_every_byte(stage: Stage) -> None:
    """Two frames in two pieces are two messages, wherever the cut is: before an LF, after it, inside a character."""
    stage.joins()
    length = len(_two_frames(100))
    for place in range(1, length):
        data = _two_frames(100 + place)
        stage.sends_pieces((data[:place], data[place:]))
    stage.settles()


@requirement("CLIENT-3")
def test_many_frames_at_once(stage: Stage) -> None:
    """Every frame of many that arrive in one piece is shown, in order."""
    stage.joins()
    for count in (2, 10, 300):
        messages = [valid_message(TYPES[n % 5], f"{n} of {count}") for n in range(count)]
        stage.sends_bytes(b"".join(encoded(message) + b"\n" for message in messages))
        stage.settles()


@requirement("CLIENT-3")
def test_the_end_of_one_and_the_beginning_of_the_next(stage: Stage) -> None:
    """A piece that holds the end of a frame, whole ones and the beginning of another loses none of them."""
    stage.joins()
    frames = [encoded(valid_message("message", f"part {number}")) + b"\n" for number in range(6)]
    data = b"".join(frames)
    stage.sends_pieces((data[:20], data[20 : len(data) - 20], data[len(data) - 20 :]))
    stage.settles()


@requirement("CLIENT-3")
def test_the_longest_frames(stage: Stage) -> None:
    """Frames of up to 8192 bytes are taken, many in a row, whole and in pieces."""
    stage.joins()
    room = 8192 - len(encoded(valid_message("server", "")))
    longest = encoded(valid_message("server", numbered_content(room))) + b"\n"
    escaped = b'{"type":"server","message":"%s","timestamp":"10:00:00"}\n' % (rb"\u0041" * 1300)
    stage.sends_bytes(longest)
    stage.settles()
    stage.sends_pieces(pieces(longest, (0.1, 0.5, 0.9)))
    stage.sends_bytes(escaped)
    stage.settles()
    frames = [encoded(valid_message("message", f"{n} " + numbered_content(900))) + b"\n" for n in range(100)]
    stage.sends_bytes(b"".join(frames))
    stage.settles()


@requirement("CLIENT-3")
def test_white_space_and_other_words(stage: Stage) -> None:
    """CR LF, spaces between tokens, escapes, members in another order, blank lines: the messages are the same."""
    stage.joins()
    for kind in TYPES[:-1]:
        for number, frame in enumerate(in_other_words(valid_message(kind, f"{kind} ä/🙂"))):
            stage.sends_bytes(frame + b"\n" + (b"\r\n \t\n\n" if number % 2 else b""))
            stage.settles()


@requirement("CLIENT-3")
def test_texts_that_programs_change(stage: Stage) -> None:
    """Any content is shown as it is; only what could act on a terminal or window may be made harmless."""
    stage.joins()
    for start in range(0, len(TELLING_CONTENTS), 10):
        for content in TELLING_CONTENTS[start : start + 10]:
            stage.hears("bob", content)
        stage.settles()


@requirement("CLIENT-3")
def test_what_comes_with_the_join_notice(stage: Stage) -> None:
    """Messages that arrive in one piece with the notice of its own join are shown after it."""
    stage.connects()
    message = stage.sends_join()
    frames = [{"type": "system", "message": f"{message['username']} joined the chat"}]
    frames += [{"type": "system", "message": "Here: bob, carol"}, valid_message("message", "welcome")]
    stage.sends_bytes(b"".join(encoded(frame) + b"\n" for frame in frames))
    stage.settles()


@requirement("CLIENT-3")
@generated(messages=valid_messages(), places=st.one_of(st.just([]), cuts()))
def test_generated_segmentation(stage: Stage, messages: list[Told], places: list[float]) -> None:
    """Any messages, cut and joined anywhere, are shown each once and in order."""
    stage.stays_joined()
    data = b"".join(encoded(message) + b"\n" for message in messages)
    stage.sends_pieces(pieces(data, places) if places else [data])
    stage.settles()


def _two_frames(number: int) -> bytes:
    first, second = valid_message("message", f"{number} é🙂"), valid_message("server", f"{number} 中\\")
    return encoded(first) + b"\n" + encoded(second) + b"\n"
