"""CLIENT-4 and CLIENT-5: what is no valid message is told and survived; what is only unknown is ignored."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from chatproof_conformance.clients import frames
from chatproof_conformance.clients.frames import TYPES, Told, encoded, encoded_as_is, valid_message
from chatproof_conformance.clients.stage import Stage
from chatproof_conformance.requirement import generated, requirement
from chatproof_conformance.strategies.frames import json_values
from chatproof_schemas import Direction, vectors

_AT_ONCE = 8
_UNKNOWN: tuple[Told, ...] = (
    {"x-extra": 1},
    {"id": "42", "room": {"name": "lobby", "topics": ["a", None]}},
    {"Type": "error", "TYPE": "x", "Content": "other", "Message": "other"},
    {"__proto__": {"x": 1}, "constructor": None, "toString": "x"},
    {"": "", " type": "x", "type ": "y", "\u0000": 0, "é": "🙂"},
    {"big": 10**15, "small": -1.5e-7, "none": None, "yes": True, "list": [[], {}], "text": "x" * 500},
    {"event": "shown", "do": "leave", "kind": "error"},
)


@requirement("CLIENT-4")
def test_frames_that_are_not_json(stage: Stage) -> None:
    """A frame that is not JSON is told, and the next is shown."""
    _survives(stage, frames.NOT_JSON)


@requirement("CLIENT-4")
def test_near_json(stage: Stage) -> None:
    """What only lenient parsers take for JSON is no message either: NaN, comments, single quotes, trailing commas."""
    _survives(stage, frames.NEAR_JSON)


@requirement("CLIENT-4")
def test_frames_that_are_not_utf8(stage: Stage) -> None:
    """A frame that is not UTF-8 is told, not shown with the bytes replaced."""
    _survives(stage, frames.NOT_UTF8)


@requirement("CLIENT-4")
def test_json_that_is_no_object(stage: Stage) -> None:
    """Arrays, strings, numbers, booleans and null are told, and the next frame is shown."""
    _survives(stage, frames.NOT_OBJECTS)


@requirement("CLIENT-4")
def test_unknown_types(stage: Stage) -> None:
    """A type that it does not know, or none, is told and not shown as a message."""
    _survives(stage, map(encoded_as_is, frames.UNKNOWN_TYPES))


@requirement("CLIENT-4")
def test_invalid_messages(stage: Stage) -> None:
    """A known type with a member missing, of the wrong JSON type, or out of its limits is told and not shown."""
    _survives(stage, map(encoded_as_is, frames.invalid_messages()))


@requirement("CLIENT-4")
def test_one_bad_frame_alone(stage: Stage) -> None:
    """The user is told of a single bad frame, whatever is wrong with it."""
    families = (frames.NOT_JSON, frames.NEAR_JSON, frames.NOT_UTF8, frames.NOT_OBJECTS)
    others = map(encoded_as_is, (frames.UNKNOWN_TYPES[0], frames.UNKNOWN_TYPES[-3], *frames.invalid_messages()))
    for frame in (*(frame for family in families for frame in family[:3]), *list(others)[:12]):
        stage.stays_joined()
        stage.sends_frame(frame)
        stage.settles()


@requirement("CLIENT-4")
def test_many_bad_frames_in_a_row(stage: Stage) -> None:
    """A client that gets many bad frames at once goes on."""
    stage.joins()
    for _ in range(2):
        stage.sends_bytes(b"".join(frame + b"\n" for frame in (*frames.NOT_JSON, *frames.NOT_UTF8) * 6))
        stage.settles()


@requirement("CLIENT-4")
def test_bad_frames_before_the_answer_to_the_join(stage: Stage) -> None:
    """A bad frame that comes before the notice of its own join does not keep a client out."""
    for frame in (frames.NOT_JSON[0], frames.NOT_UTF8[0], encoded_as_is(frames.UNKNOWN_TYPES[-2])):
        stage.connects()
        message = stage.sends_join()
        stage.sends_frame(frame)
        stage.takes_join(message)
        stage.settles()


@requirement("CLIENT-4")
def test_bad_frames_in_pieces(stage: Stage) -> None:
    """A bad frame that arrives in pieces, or ends in one piece with the next frame, harms nothing after it."""
    stage.joins()
    for frame in (*frames.NOT_JSON, *frames.NOT_UTF8):
        half = len(frame) // 2
        follower = encoded(valid_message("message", f"after {frame!r}"))
        stage.sends_pieces((frame[:half], frame[half:] + b"\n" + follower + b"\n"))
        stage.settles()


@requirement("CLIENT-4")
def test_frames_that_a_client_may_show_or_refuse(stage: Stage) -> None:
    """Lone surrogates, a member twice, a byte order mark, too long, deep, huge: the client goes on."""
    stage.joins()
    for frame in frames.OPEN_TO_READERS:
        stage.sends_frame(frame)
        stage.settles()


@requirement("CLIENT-4")
def test_every_test_vector(stage: Stage) -> None:
    """The frames of a server among the project's test vectors: valid ones are shown, the others told."""
    _survives(stage, [vector.frame for vector in vectors() if vector.direction is Direction.SERVER])


@requirement("CLIENT-4")
@generated(bad=st.lists(frames.bad_frames(), min_size=1, max_size=4))
def test_generated_bad_frames(stage: Stage, bad: list[bytes]) -> None:
    """Whatever is no valid message is told, and what comes after it is shown."""
    stage.stays_joined()
    for frame in bad:
        stage.sends_frame(frame)
    stage.settles()


@requirement("CLIENT-5")
def test_unknown_members_are_ignored(stage: Stage) -> None:
    """A message of each type is shown the same with members that the client does not know."""
    stage.joins()
    for extra in _UNKNOWN:
        for kind in TYPES:
            stage.sends(**{**extra, **valid_message(kind, f"{kind} with {len(extra)} more")})
            stage.settles()


@requirement("CLIENT-5")
def test_members_of_other_types_are_ignored(stage: Stage) -> None:
    """A member that another type has means nothing where it does not belong, whatever its value."""
    stage.joins()
    forged: tuple[Told, ...] = (
        {"delivered": False, "reason": "User not found", "target": "carol"},
        {"sender": "mallory", "code": "username_taken"},
        {"delivered": "no", "code": 5, "reason": None, "sender": [], "target": {}},
    )
    for extra in forged:
        for kind in ("message", "system", "server"):
            stage.sends(**{**extra, **valid_message(kind, f"{kind} with {', '.join(extra)}")})
        stage.sends(**{**valid_message("private_message", f"private {len(extra)}"), "delivered": False, "target": "x"})
        stage.settles()


@requirement("CLIENT-5")
def test_unknown_members_with_the_join_notice(stage: Stage) -> None:
    """A notice of its own join with members that it does not know joins a client."""
    stage.connects()
    message = stage.sends_join()
    stage.sends(type="system", message=f"{message['username']} joined the chat", users=["bob"], motd="hello", v=2)
    stage.settles()


@requirement("CLIENT-5")
@generated(kind=st.sampled_from(TYPES), extra=frames.extra_members(), value=json_values())
def test_generated_unknown_members(stage: Stage, kind: str, extra: Told, value: object) -> None:
    """Whatever unknown members hold, the message is shown as without them."""
    stage.stays_joined()
    stage.sends(**{**extra, "x-more": value, **valid_message(kind, f"{kind} {stage.name('extra')}")})
    stage.settles()


def _survives(stage: Stage, bad: Iterable[bytes]) -> None:
    """Send bad frames, each before a good one, some at a time; all good ones must be shown and all bad ones told."""
    stage.joins()
    remaining: Sequence[bytes] = tuple(bad)
    for start in range(0, len(remaining), _AT_ONCE):
        for number, frame in enumerate(remaining[start : start + _AT_ONCE]):
            stage.sends_frame(frame)
            stage.hears("bob", f"good {start + number}")
        stage.settles()
