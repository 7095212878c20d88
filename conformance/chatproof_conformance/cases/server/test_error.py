"""ERROR: what is no valid message gets one error, at its sender alone, and the chat goes on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Blocked, Broken, Inconclusive
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.peers.batches import batches
from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.peer import Peer, name_of
from chatproof_conformance.endpoints.peers.refusals import errors_at_once, replaced, require_working
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.client_frames import (
    DUPLICATES,
    LONE_SURROGATES,
    NEAR_JSON,
    NOT_JSON,
    NOT_OBJECTS,
    NOT_UTF8,
    SERVER_TYPES,
    WRONG_TYPES,
    broken_members,
    encoded,
    missing_or_wrong_types,
    wrong_members,
)
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameRefused, Vector, decode_frame, vectors


@requirement("ERROR-1")
def test_not_json(chat: ServerSession) -> None:
    """A frame that is not JSON gets one error; the connection goes on."""
    _are_refused(chat, NOT_JSON)


@requirement("ERROR-1")
@generated(junk=st.binary(min_size=1, max_size=60))
def test_junk(chat: ServerSession, junk: bytes) -> None:
    """Bytes at random get one error."""
    frame = junk.translate(None, b"\n") or b"~"
    try:
        decode_frame(frame)
    except FrameRefused:
        _is_refused(chat, frame)


@requirement("ERROR-2")
def test_not_an_object(chat: ServerSession) -> None:
    """JSON that is not an object gets one error; the connection goes on."""
    _are_refused(chat, NOT_OBJECTS)


@requirement("ERROR-3")
def test_wrong_types(chat: ServerSession) -> None:
    """Each object that is near a message, and has no known type, gets one error."""
    _are_refused(chat, tuple(map(encoded, WRONG_TYPES)))


@requirement("ERROR-3")
@generated(message=missing_or_wrong_types())
def test_no_known_type(chat: ServerSession, message: dict[str, Any]) -> None:
    """An object with no type, one that is not a string, or an unknown one gets one error."""
    _is_refused(chat, encoded(message))


@requirement("ERROR-4")
def test_wrong_members(chat: ServerSession) -> None:
    """Each message with one member missing, of the wrong type, or out of its limits gets one error."""
    (carol,) = chat.gather("carol")
    _are_refused_once_joined(chat, [encoded(message) for message in wrong_members(name_of(carol))])


@requirement("ERROR-4")
@generated(message=st.deferred(lambda: broken_members("somebody")))
def test_members_missing_or_wrong(chat: ServerSession, message: dict[str, Any]) -> None:
    """A known type with a member missing, of the wrong type, or out of its limits gets one error."""
    _is_refused(chat, encoded(message))


@requirement("ERROR-4")
def test_a_join_without_a_name(chat: ServerSession) -> None:
    """A join with its name missing or of the wrong type gets one error, and the connection can still join."""
    (bob,) = chat.gather("bob")
    stranger = chat.connect("stranger")
    for message in (
        {},
        {"username": 5},
        {"username": None},
        {"username": ["x"]},
        {"user": "x"},
        {"username": {"a": 1}},
    ):
        stranger.sends({"type": "join", **message})
        stranger.gets_error("for a join without a valid name")
    require_working(chat, stranger)
    bob.sees_notice(stranger)
    chat.proves_silence(bob, stranger, by=stranger, about="nothing of refused joins")


@requirement("ERROR-5")
def test_not_utf8(chat: ServerSession) -> None:
    """A frame that is not UTF-8 gets one error; the connection goes on."""
    _are_refused(chat, NOT_UTF8)


@requirement("ERROR-6")
def test_near_json(chat: ServerSession) -> None:
    """What lenient parsers take and RFC 8259 does not gets one error each."""
    _are_refused(chat, NEAR_JSON)


@requirement("ERROR-7")
def test_lone_surrogates(chat: ServerSession) -> None:
    """A lone surrogate gets an error, and never reaches anyone."""
    _are_refused(chat, LONE_SURROGATES)


@requirement("ERROR-8")
def test_duplicate_members(chat: ServerSession) -> None:
    """An object with a member name twice gets an error."""
    _are_refused(chat, DUPLICATES)


@requirement("ERROR-9")
def test_types_of_servers(chat: ServerSession) -> None:
    """A type that only servers send gets an error and reaches nobody."""
    alice, bob = chat.gather("alice", "bob")
    text = f"forged {chat.name('text')}"
    full = {"message": text, "timestamp": "12:00:00", "target": bob.name, "content": text, "delivered": True}
    for name in SERVER_TYPES:
        alice.sends({"type": name, "username": bob.name, "sender": bob.name, **full})
        alice.gets_error(f"for a {name} from a client")
    require_working(chat, alice)
    chat.proves_silence(alice, bob, by=alice, about="nothing of a forged server message")


@requirement("ERROR-10")
def test_deep_nesting_and_huge_numbers(chat: ServerSession) -> None:
    """Deep nesting and huge numbers get an error or are ignored in an unknown member; the server survives."""
    alice, bob = chat.gather("alice", "bob")
    extremes = [
        b"[" * 450 + b"]" * 450,
        b'{"a":' * 150 + b"1" + b"}" * 150,
        b"9" * 900,
        b"-1e999",
        b"1e-99999",
        b"0." + b"3" * 800,
    ]
    for number, value in enumerate(extremes):
        frame = b'{"type":"message","content":"extreme %d","x":' % number + value + b"}"
        alice.sends_frame(frame[:CLIENT_FRAME_BYTES])
        answer = alice.expects_any("error", "message")
        if answer["type"] == "message":
            bob.hears(alice, f"extreme {number}")
        for some in batches(chat, (b"[" * 1000, value)):
            for bare in some:
                alice.sends_frame(bare)
            for _ in some:
                alice.gets_error("for a value that is no object")
    for digits in (b"1e400", b"123456789012345678901234567890", b"-0"):
        alice.sends_frame(b'{"type":"message","content":' + digits + b"}")
        alice.gets_error("for a content that is a number")
    require_working(chat, alice)
    chat.proves_silence(alice, bob, by=alice)


@requirement("ERROR-11")
def test_errors_reach_the_offender_alone(chat: ServerSession) -> None:
    """Errors go to the offender alone, and its bad frames change nothing for anyone else."""
    alice, bob, carol = chat.gather("alice", "bob", "carol")
    stranger = chat.connect("stranger")
    for offender in (alice, stranger):
        for frames in batches(chat, (*_OFFENCES, *_offences_against(bob))):
            for frame in frames:
                offender.sends_frame(frame)
                bob.says("meanwhile")
                carol.whispers(bob, "all well")
            for frame in frames:
                offender.gets_error(f"for {shown_frame(frame)}")
                for peer in (alice, bob, carol):
                    peer.hears(bob, "meanwhile")
                bob.hears_privately(carol, "all well")
                carol.is_told_delivered(bob, "all well")
    require_working(chat, alice)
    chat.proves_silence(alice, bob, carol, by=alice, about="errors at the offender alone")


@requirement("ERROR-11")
def test_a_flood_of_bad_frames(chat: ServerSession) -> None:
    """Each of many bad frames gets its error, and the good one after them is heard."""
    alice, bob = chat.gather("alice", "bob")
    for number in range(100):
        alice.sends_frame(b"bad %d" % number)
        if chat.framing == "none":
            alice.gets_error("for a bad frame")
    alice.says("good")
    if chat.framing != "none":
        for _ in range(100):
            alice.gets_error("for each of 100 bad frames")
    bob.hears(alice, "good")
    alice.hears(alice, "good")
    chat.proves_silence(alice, bob, by=alice, about="one error for each bad frame")


@requirement("ERROR-1", "ERROR-2", "ERROR-3", "ERROR-4", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-9", "FRAME-5")
def test_every_vector_that_must_be_refused(chat: ServerSession) -> None:
    """Each test vector that no server may take gets one error, and has no effect."""
    alice, bob = chat.gather("alice", "bob")
    for batch in batches(chat, [vector for vector in _refused_vectors() if _can_be_sent(chat, vector)]):
        if errors_at_once(chat, alice, [vector.frame for vector in batch], bob) is None:
            for vector in batch:
                alice, bob = replaced(chat, alice, bob)
                _is_vector_refused(chat, alice, bob, vector)
            alice, bob = replaced(chat, alice, bob)
    require_working(chat, alice)


def _is_vector_refused(chat: ServerSession, alice: Peer, bob: Peer, vector: Vector) -> None:
    """Note what is wrong under the vector's own requirement and go on: the next vector may break another one."""
    why = f"for vector {vector.id} ({vector.note})"
    alice.sends_frame(vector.frame)
    try:
        alice.gets_error(why)
        chat.proves_silence(alice, bob, by=alice, about=f"one error {why}, and no effect")
    except Broken as broken:
        chat.violations.append(replace(broken.finding, requirement=vector.requirement))


@requirement("ERROR-12")
def test_the_code_fits(chat: ServerSession) -> None:
    """Where an error has a code, it is the listed one that fits."""
    (alice,) = chat.gather("alice")
    early, twin, unnamed = chat.connect("early"), chat.connect("twin"), chat.connect("unnamed")
    early.says("too early")
    _has_code(early, "not_joined", why="a message before a join")
    twin.asks_to_join(alice.name or "")
    _has_code(twin, "username_taken", why="a name in use")
    unnamed.asks_to_join("")
    _has_code(unnamed, "username_invalid", "invalid_message", why="an empty name")
    alice.asks_to_join(chat.name("second"))
    _has_code(alice, "already_joined", why="a second join")
    coded = [vector for vector in _refused_vectors() if vector.codes and _can_be_sent(chat, vector)]
    for batch in batches(chat, coded):
        errors = errors_at_once(chat, alice, [vector.frame for vector in batch])
        if errors is None:
            (alice,) = replaced(chat, alice)
            errors = [_error_for(alice, vector) for vector in batch]
        for vector, error in zip(batch, errors, strict=True):
            # The connection has joined: that fits a join of any kind.
            extra = ("already_joined",) if b"join" in vector.frame else ()
            _code_fits(error, *vector.codes, *extra, why=f"vector {vector.id}")
    chat.evidence.silences += 1


_OFFENCES = (b'{"type":"nothing"}', b"bad", b"[]", b'{"type":"private_message"}', b"\xff", b'{"type":"error"}')


def _offences_against(victim: Peer) -> list[bytes]:
    """Return frames that nobody may take and that name a user who has nothing to do with it."""
    private = {"type": "private_message", "target": victim.name}
    unknown = {"type": "nothing", "target": victim.name, "username": victim.name}
    return [encoded(message) for message in ({**private, "content": ""}, {**private, "content": 5}, private, unknown)]


def _refused_vectors() -> list[Vector]:
    """Return the vectors of client frames that every server must refuse on a joined connection."""
    client = [vector for vector in vectors() if vector.direction is Direction.CLIENT]
    return [v for v in client if all(verdict.value != "valid" for verdict in v.verdicts) and v.requirement != "ERROR-8"]


def _can_be_sent(chat: ServerSession, vector: Vector) -> bool:
    """Whether a vector's frame is one frame on the wire, and ends where it says."""
    too_long = chat.framing == "none" and vector.requirement == "FRAME-5"
    return b"\n" not in vector.frame and not too_long and _is_one_frame(chat, vector.frame)


def _is_one_frame(chat: ServerSession, frame: bytes) -> bool:
    """Whether it stays one frame where nothing parts frames: two objects may be two messages then."""
    if chat.framing != "none":
        return True
    try:
        text = frame.decode()
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return True
    return not (isinstance(value, dict) and text[end:].lstrip().startswith("{"))


def _has_code(peer: Peer, *fitting: str, why: str) -> None:
    _code_fits(peer.gets_error(f"for {why}"), *fitting, why=why)


def _error_for(alice: Peer, vector: Vector) -> Message:
    alice.sends_frame(vector.frame)
    try:
        return alice.gets_error()
    except Broken:
        raise Blocked(vector.requirement, f"vector {vector.id} got no error") from None


def _code_fits(error: Message, *fitting: str, why: str) -> None:
    code = error.get("code")
    if code is not None and code not in fitting:
        raise Broken(f"the code {' or '.join(fitting)} for {why}", repr(code), "ERROR-12")


def _are_refused(chat: ServerSession, frames: Sequence[bytes]) -> None:
    """Each frame gets one error at its sender, joined or not, has no effect, and the connection goes on."""
    frames = [frame for frame in frames if _is_one_frame(chat, frame)]
    _are_refused_once_joined(chat, frames)
    stranger = _stranger(chat)
    for batch in batches(chat, frames):
        if errors_at_once(chat, stranger, batch) is None:
            stranger = _stranger(chat)
            for frame in batch:
                stranger.sends_frame(frame)
                stranger.gets_error(f"for {shown_frame(frame)} before a join")
            raise _only_together(batch)
    require_working(chat, stranger)


def _stranger(chat: ServerSession) -> Peer:
    """Return a peer that has not joined; without LF it has sent an object, since only those can be taken early."""
    stranger = chat.connect("stranger")
    if chat.framing == "none":
        stranger.sends_frame(b"{}")
        stranger.gets_error("for an object with no type before a join")
    return stranger


def _are_refused_once_joined(chat: ServerSession, frames: Sequence[bytes]) -> None:
    alice, bob = chat.gather("alice", "bob")
    for batch in batches(chat, frames):
        if errors_at_once(chat, alice, batch, bob) is None:
            alice, bob = replaced(chat, alice, bob)
            for frame in batch:
                alice.sends_frame(frame)
                alice.gets_error(f"for {shown_frame(frame)}")
                require_working(chat, alice)
                chat.proves_silence(alice, bob, by=alice, about=f"one error for {shown_frame(frame)}, and no effect")
            raise _only_together(batch)
    require_working(chat, alice)


def _only_together(batch: Sequence[bytes]) -> Broken:
    return Broken(f"one error for each of {len(batch)} frames sent at once", "each has one only when it is sent alone")


def _is_refused(chat: ServerSession, frame: bytes) -> None:
    """One generated frame, on connections that stay for all the examples of a case."""
    if len(frame) > CLIENT_FRAME_BYTES:
        raise Inconclusive("a generated frame is too long")
    if not frame.strip(b" \t\r"):
        return
    alice, bob = chat.stay("alice", "bob")
    alice.sends_frame(frame)
    alice.gets_error(f"for {shown_frame(frame)}")
    chat.proves_silence(alice, bob, by=alice, about=f"one error for {shown_frame(frame)}, and no effect")
