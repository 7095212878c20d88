"""FRAME: the wire. Frames that arrive in any segmentation, of any allowed length, with any white space."""

import json

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.peers.peer import Peer
from chatproof_conformance.endpoints.peers.refusals import require_working
from chatproof_conformance.endpoints.peers.sequences import got_in_order, public_content, require_order
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.client_frames import NOT_JSON, encoded
from chatproof_conformance.generation.segmentation import cuts, pieces
from chatproof_conformance.generation.text import contents
from chatproof_schemas import CLIENT_FRAME_BYTES


@requirement("FRAME-1", "FRAME-8", "TIME-1")
def test_every_kind_of_message_it_sends(chat: ServerSession) -> None:
    """Each frame is one JSON object in UTF-8 ended by LF, at most 8192 bytes, valid against its schema, and in time."""
    alice, bob = chat.gather("alice", "bob")
    alice.says("hello")
    bob.hears(alice, "hello")
    alice.whispers(bob, "secret")
    bob.hears_privately(alice, "secret")
    alice.is_told_delivered(bob, "secret")
    alice.whispers(chat.name("nobody"), "lost")
    alice.expects_any("private_confirmation")
    alice.sends_frame(b"not JSON")
    alice.gets_error("for a frame that is not JSON")
    bob.leaves()
    alice.sees_notice(bob)


@requirement("FRAME-1")
def test_the_longest_answers_fit(chat: ServerSession) -> None:
    """A frame of 1024 bytes, every character of which some servers escape, comes back in at most 8192 bytes."""
    alice, bob = chat.gather("alice", "bob")
    for character in ("\x7f", "é", "<", "🙂", '"'):
        frame = encoded({"type": "private_message", "target": bob.name, "content": ""})
        escaped = len(json.dumps(character, ensure_ascii=False).encode()) - 2
        content = character * ((CLIENT_FRAME_BYTES - len(frame)) // escaped)
        alice.whispers(bob, content)
        bob.hears_privately(alice, content)
        alice.is_told_delivered(bob, content)
        alice.says(content)
        bob.hears(alice, content)


@requirement("FRAME-2")
def test_a_frame_byte_by_byte(chat: ServerSession) -> None:
    """A frame that arrives one byte at a time is put together, also inside a UTF-8 sequence and an escape."""
    _needs_frames(chat)
    alice, bob = chat.gather("alice", "bob")
    content = 'é🙂"'
    alice_sends = f'{{"type":"message","content":{json.dumps(content, ensure_ascii=False)}}}\n'.encode()
    for place in range(len(alice_sends)):
        alice.sends_bytes(alice_sends[place : place + 1])
        chat.fence(bob)
    for peer in (alice, bob):
        peer.hears(alice, content)
    chat.proves_silence(alice, bob, by=alice, about="the message once")


@requirement("FRAME-2")
@generated(content=contents(), places=cuts(), escaped=st.booleans())
def test_frames_split_anywhere(chat: ServerSession, content: str, places: list[float], escaped: bool) -> None:  # noqa: FBT001  Hypothesis names its arguments
    """A frame that arrives in pieces is put together, wherever it is cut."""
    _needs_frames(chat)
    alice, bob = _two(chat)
    frame = json.dumps({"type": "message", "content": content}, ensure_ascii=escaped).encode() + b"\n"
    for piece in pieces(frame, places):
        alice.sends_bytes(piece)
        chat.fence(bob)
    alice.hears(alice, content)
    bob.hears(alice, content)


@requirement("FRAME-2")
def test_a_split_join(chat: ServerSession) -> None:
    """A join that arrives in two pieces is put together."""
    _needs_frames(chat)
    (bob,) = chat.gather("bob")
    alice, name = chat.connect("alice"), chat.name("alice")
    frame = encoded({"type": "join", "username": name}) + b"\n"
    for piece in (frame[:20], frame[20:-1], frame[-1:]):
        alice.sends_bytes(piece)
        chat.fence(bob)
    alice.is_joined_as(name)


@requirement("FRAME-3")
@generated(texts=st.lists(contents(8), min_size=2, max_size=12), bad=st.sets(st.integers(0, 11), max_size=4))
def test_many_frames_at_once(chat: ServerSession, texts: list[str], bad: set[int]) -> None:
    """Of several frames in one segment each is handled, in order, also after one that is refused."""
    _needs_frames(chat)
    alice, bob = _two(chat)
    data, errors = b"", 0
    for place, text in enumerate(texts):
        if place in bad:
            data += NOT_JSON[place % len(NOT_JSON)] + b"\n"
            errors += 1
        data += encoded({"type": "message", "content": text}) + b"\n"
    alice.sends_bytes(data)
    chat.fence(alice)
    for _ in range(errors):
        alice.gets_error("for each bad frame in the segment")
    for peer in (alice, bob):
        require_order(peer, texts, got_in_order(peer, public_content([alice])), "every message of the segment in order")


@requirement("FRAME-3")
def test_bad_frames_among_good_ones(chat: ServerSession) -> None:
    """A frame that is refused takes nothing of what stands around it in the same segment."""
    _needs_frames(chat)
    alice, bob = chat.gather("alice", "bob")
    long, _ = _frame_of(2000, "x")
    for number, bad in enumerate((*NOT_JSON, b"[]", b'{"type":"nothing"}', b'{"type":"message"}', b"\xff", long)):
        texts = [f"{place} {number}" for place in ("before", "after", "later")]
        frames = [_frame(texts[0]), bad, _frame(texts[1]), _frame(texts[2])]
        alice.sends_bytes(b"".join(frame + b"\n" for frame in frames))
        chat.fence_ahead(alice)
        for text in texts:
            for peer in (alice, bob):
                peer.hears(alice, text)
        alice.gets_error(f"for {shown_frame(bad)} among good frames")
        chat.shows_silence(alice, bob, about="each good frame once, and one error")


@requirement("FRAME-3")
def test_a_join_and_messages_in_one_segment(chat: ServerSession) -> None:
    """A client need not wait for its join to be answered: what follows in the same segment is handled."""
    _needs_frames(chat)
    (bob,) = chat.gather("bob")
    alice, name = chat.connect("alice"), chat.name("alice")
    texts = [f"early {number}" for number in range(40)]
    frames = [{"type": "join", "username": name}, *({"type": "message", "content": text} for text in texts)]
    alice.sends_bytes(b"".join(encoded(frame) + b"\n" for frame in frames))
    alice.is_joined_as(name)
    chat.fence(alice)
    for peer in (alice, bob):
        require_order(peer, texts, got_in_order(peer, public_content([alice])), "every message of the segment in order")


@requirement("FRAME-4")
def test_frames_of_exactly_1024_bytes(chat: ServerSession) -> None:
    """A frame of exactly 1024 bytes is accepted, in letters, in characters of several bytes, and in white space."""
    alice, bob = chat.gather("alice", "bob")
    for character in ("x", "é", "🙂"):
        for length in (CLIENT_FRAME_BYTES - 1, CLIENT_FRAME_BYTES):
            frame, content = _frame_of(length, character)
            alice.sends_frame(frame)
            bob.hears(alice, content)
            alice.hears(alice, content)
    alice.sends_frame(_frame("white").ljust(CLIENT_FRAME_BYTES))
    bob.hears(alice, "white")


@requirement("FRAME-4", "FRAME-2")
def test_a_full_frame_in_pieces(chat: ServerSession) -> None:
    """A frame of exactly 1024 bytes is accepted where its LF, or any part of it, comes later."""
    _needs_frames(chat)
    alice, bob = chat.gather("alice", "bob")
    for place in (1, 512, CLIENT_FRAME_BYTES - 1, CLIENT_FRAME_BYTES):
        frame, content = _frame_of(CLIENT_FRAME_BYTES, "é")
        for piece in (frame[:place], frame[place:] + b"\n"):
            alice.sends_bytes(piece)
            chat.fence(bob)
        for peer in (alice, bob):
            peer.hears(alice, content)


@requirement("FRAME-5")
def test_longer_frames_are_refused_once(chat: ServerSession) -> None:
    """A frame over 1024 bytes gets one error, has no effect, and is skipped through its LF; what follows is handled."""
    _needs_frames(chat)
    alice, bob = chat.gather("alice", "bob")
    for length in (1025, 1026, 1500, 2048, 4096, 8192, 20_000, 60_000):
        frame, _ = _frame_of(length, "x")
        alice.sends_bytes(frame + b"\n" + _frame(f"after {length}") + b"\n")
        chat.fence_ahead(alice)
        alice.gets_error(f"for a frame of {length} bytes")
        alice.hears(alice, f"after {length}")
        bob.hears(alice, f"after {length}")
        chat.shows_silence(alice, bob, about=f"one error for a frame of {length} bytes, and no effect")


@requirement("FRAME-5")
def test_bytes_count_not_characters(chat: ServerSession) -> None:
    """The limit is of bytes: 600 characters of two bytes each are too long; and white space counts."""
    _needs_frames(chat)
    alice, bob = chat.gather("alice", "bob")
    for frame in (_frame("é" * 600), _frame("🙂" * 300), _frame("x").ljust(1025), b" " * 1000 + _frame("y")):
        alice.sends_frame(frame)
        alice.gets_error(f"for a frame of {len(frame)} bytes")
    require_working(chat, alice)
    chat.proves_silence(alice, bob, by=alice, about="no effect of frames that are too long")


@requirement("FRAME-5")
def test_a_long_frame_hides_no_message(chat: ServerSession) -> None:
    """No part of a frame that is too long is taken for a frame, however it arrives."""
    _needs_frames(chat)
    alice, bob = chat.gather("alice", "bob")
    for filler in (1024, 1025, 2048, 4096):
        alice.sends_bytes(b"x" * filler)
        chat.fence(bob)
        alice.sends_bytes(_frame("smuggled"))
        chat.fence(bob)
        alice.sends_bytes(b"\n")
        chat.fence_ahead(alice)
        alice.gets_error("for a frame that is too long")
        chat.shows_silence(alice, bob, about="one error, and nothing of a frame that is too long")


@requirement("FRAME-6")
@generated(
    before=st.text(" \t\r", max_size=6),
    inside=st.text(" \t\r", max_size=4),
    after=st.text(" \t\r", max_size=6),
    content=contents(8),
)
def test_white_space_around_and_inside(chat: ServerSession, before: str, inside: str, after: str, content: str) -> None:
    """JSON white space before, inside and after the object is accepted, CR LF included."""
    alice, bob = _two(chat)
    text = json.dumps(content)
    alice.sends_frame(
        f'{before}{{{inside}"type"{inside}:"message",{inside}"content":{inside}{text}{inside}}}{after}'.encode()
    )
    bob.hears(alice, content)


@requirement("FRAME-6")
def test_cr_lf_ends_a_line(chat: ServerSession) -> None:
    """CR before the LF is white space, also in a join."""
    _needs_frames(chat)
    (bob,) = chat.gather("bob")
    alice, name = chat.connect("alice"), chat.name("alice")
    alice.sends_bytes(encoded({"type": "join", "username": name}) + b"\r\n")
    alice.is_joined_as(name)
    chat.settle()
    alice.sends_bytes(_frame("crlf") + b"\r\n")
    for peer in (alice, bob):
        peer.hears(alice, "crlf")
    chat.proves_silence(alice, by=alice)


@requirement("FRAME-7")
@generated(blank=st.lists(st.text(" \t\r", max_size=3), min_size=1, max_size=6))
def test_blank_lines_are_ignored(chat: ServerSession, blank: list[str]) -> None:
    """A line of white space alone is no frame: it gets no answer."""
    _needs_frames(chat)
    alice, bob = _two(chat)
    alice.sends_bytes("".join(f"{line}\n" for line in blank).encode())
    chat.proves_silence(alice, bob, by=alice, about="no answer to blank lines")


def _needs_frames(chat: ServerSession) -> None:
    if chat.framing == "none":
        raise NotTested("without LF there is no telling where a frame ends; leave --framing none out to test it")


def _two(chat: ServerSession) -> tuple[Peer, Peer]:
    """Return two peers that stay for all the examples of a case."""
    alice, bob = chat.stay("alice", "bob")
    return alice, bob


def _frame(*words: str) -> bytes:
    return encoded({"type": "message", "content": " ".join(words)})


def _frame_of(length: int, character: str) -> tuple[bytes, str]:
    size = len(character.encode())
    room = length - len(_frame(""))
    content = "x" * (room % size) + character * (room // size)
    return _frame(content), content
