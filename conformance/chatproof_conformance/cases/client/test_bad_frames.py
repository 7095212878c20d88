"""CLIENT-4 and CLIENT-5: what is no valid message is told and survived; what is only unknown is ignored."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation import server_frames
from chatproof_conformance.generation.json_values import json_values
from chatproof_conformance.generation.server_frames import TYPES, ServerMessage, encoded, encoded_as_is, valid_message
from chatproof_schemas import Direction, vectors

_AT_ONCE = 8
_UNKNOWN: tuple[ServerMessage, ...] = (
    {"x-extra": 1},
    {"id": "42", "room": {"name": "lobby", "topics": ["a", None]}},
    {"Type": "error", "TYPE": "x", "Content": "other", "Message": "other"},
    {"__proto__": {"x": 1}, "constructor": None, "toString": "x"},
    {"": "", " type": "x", "type ": "y", "\u0000": 0, "é": "🙂"},
    {"big": 10**15, "small": -1.5e-7, "none": None, "yes": True, "list": [[], {}], "text": "x" * 500},
    {"event": "shown", "do": "leave", "kind": "error"},
)


@requirement("CLIENT-4")
def test_frames_that_are_not_json(client: ClientSession) -> None:
    """A frame that is not JSON is told, and the next is shown."""
    _survives(client, server_frames.NOT_JSON)


@requirement("CLIENT-4")
def test_near_json(client: ClientSession) -> None:
    """What only lenient parsers take for JSON is no message either: NaN, comments, single quotes, trailing commas."""
    _survives(client, server_frames.NEAR_JSON)


@requirement("CLIENT-4")
def test_frames_that_are_not_utf8(client: ClientSession) -> None:
    """A frame that is not UTF-8 is told, not shown with the bytes replaced."""
    _survives(client, server_frames.NOT_UTF8)


@requirement("CLIENT-4")
def test_json_that_is_no_object(client: ClientSession) -> None:
    """Arrays, strings, numbers, booleans and null are told, and the next frame is shown."""
    _survives(client, server_frames.NOT_OBJECTS)


@requirement("CLIENT-4")
def test_unknown_types(client: ClientSession) -> None:
    """A type that it does not know, or none, is told and not shown as a message."""
    _survives(client, map(encoded_as_is, server_frames.UNKNOWN_TYPES))


@requirement("CLIENT-4")
def test_invalid_messages(client: ClientSession) -> None:
    """A known type with a member missing, of the wrong JSON type, or out of its limits is told and not shown."""
    _survives(client, map(encoded_as_is, server_frames.invalid_messages()))


@requirement("CLIENT-4")
def test_one_bad_frame_alone(client: ClientSession) -> None:
    """The user is told of a single bad frame, whatever is wrong with it."""
    families = (server_frames.NOT_JSON, server_frames.NEAR_JSON, server_frames.NOT_UTF8, server_frames.NOT_OBJECTS)
    others = map(
        encoded_as_is,
        (server_frames.UNKNOWN_TYPES[0], server_frames.UNKNOWN_TYPES[-3], *server_frames.invalid_messages()),
    )
    for frame in (*(frame for family in families for frame in family[:3]), *list(others)[:12]):
        client.stays_joined()
        client.server.sends_frame(frame)
        client.check_shown()


@requirement("CLIENT-4")
def test_many_bad_frames_in_a_row(client: ClientSession) -> None:
    """A client that gets many bad frames at once goes on."""
    client.joins()
    for _ in range(2):
        client.server.sends_bytes(
            b"".join(frame + b"\n" for frame in (*server_frames.NOT_JSON, *server_frames.NOT_UTF8) * 6)
        )
        client.check_shown()


@requirement("CLIENT-4")
def test_bad_frames_before_the_answer_to_the_join(client: ClientSession) -> None:
    """A bad frame that comes before the notice of its own join does not keep a client out."""
    for frame in (server_frames.NOT_JSON[0], server_frames.NOT_UTF8[0], encoded_as_is(server_frames.UNKNOWN_TYPES[-2])):
        client.connects()
        message = client.sends_join()
        client.server.sends_frame(frame)
        client.takes_join(message)
        client.check_shown()


@requirement("CLIENT-4")
def test_bad_frames_in_pieces(client: ClientSession) -> None:
    """A bad frame that arrives in pieces, or ends in one piece with the next frame, harms nothing after it."""
    client.joins()
    for frame in (*server_frames.NOT_JSON, *server_frames.NOT_UTF8):
        half = len(frame) // 2
        follower = encoded(valid_message("message", f"after {frame!r}"))
        client.server.sends_pieces((frame[:half], frame[half:] + b"\n" + follower + b"\n"))
        client.check_shown()


@requirement("CLIENT-4")
def test_frames_that_a_client_may_show_or_refuse(client: ClientSession) -> None:
    """Lone surrogates, a member twice, a byte order mark, too long, deep, huge: the client goes on."""
    client.joins()
    for frame in server_frames.OPEN_TO_READERS:
        client.server.sends_frame(frame)
        client.check_shown()


@requirement("CLIENT-4")
def test_every_test_vector(client: ClientSession) -> None:
    """The frames of a server among the project's test vectors: valid ones are shown, the others told."""
    _survives(client, [vector.frame for vector in vectors() if vector.direction is Direction.SERVER])


@requirement("CLIENT-4")
@generated(bad=st.lists(server_frames.bad_frames(), min_size=1, max_size=4))
def test_generated_bad_frames(client: ClientSession, bad: list[bytes]) -> None:
    """Whatever is no valid message is told, and what comes after it is shown."""
    client.stays_joined()
    for frame in bad:
        client.server.sends_frame(frame)
    client.check_shown()


@requirement("CLIENT-5")
def test_unknown_members_are_ignored(client: ClientSession) -> None:
    """A message of each type is shown the same with members that the client does not know."""
    client.joins()
    for extra in _UNKNOWN:
        for kind in TYPES:
            client.server.sends(**{**extra, **valid_message(kind, f"{kind} with {len(extra)} more")})
            client.check_shown()


@requirement("CLIENT-5")
def test_members_of_other_types_are_ignored(client: ClientSession) -> None:
    """A member that another type has means nothing where it does not belong, whatever its value."""
    client.joins()
    forged: tuple[ServerMessage, ...] = (
        {"delivered": False, "reason": "User not found", "target": "carol"},
        {"sender": "mallory", "code": "username_taken"},
        {"delivered": "no", "code": 5, "reason": None, "sender": [], "target": {}},
    )
    for extra in forged:
        for kind in ("message", "system", "server"):
            client.server.sends(**{**extra, **valid_message(kind, f"{kind} with {', '.join(extra)}")})
        client.server.sends(
            **{**valid_message("private_message", f"private {len(extra)}"), "delivered": False, "target": "x"}
        )
        client.check_shown()


@requirement("CLIENT-5")
def test_unknown_members_with_the_join_notice(client: ClientSession) -> None:
    """A notice of its own join with members that it does not know joins a client."""
    client.connects()
    message = client.sends_join()
    client.server.sends(
        type="system", message=f"{message['username']} joined the chat", users=["bob"], motd="hello", v=2
    )
    client.check_shown()


@requirement("CLIENT-5")
@generated(kind=st.sampled_from(TYPES), extra=server_frames.extra_members(), value=json_values())
def test_generated_unknown_members(client: ClientSession, kind: str, extra: ServerMessage, value: object) -> None:
    """Whatever unknown members hold, the message is shown as without them."""
    client.stays_joined()
    client.server.sends(**{**extra, "x-more": value, **valid_message(kind, f"{kind} {client.name('extra')}")})
    client.check_shown()


def _survives(client: ClientSession, bad: Iterable[bytes]) -> None:
    """Send bad frames, each before a good one, some at a time; all good ones must be shown and all bad ones told."""
    client.joins()
    remaining: Sequence[bytes] = tuple(bad)
    for start in range(0, len(remaining), _AT_ONCE):
        for number, frame in enumerate(remaining[start : start + _AT_ONCE]):
            client.server.sends_frame(frame)
            client.server.sends_public("bob", f"good {start + number}")
        client.check_shown()
