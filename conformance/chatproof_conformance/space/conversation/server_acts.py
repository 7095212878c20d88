"""What a server says, by kind: each text, name and member that programs change, drop or take for something else."""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from chatproof_conformance.space.added_members import ADDED
from chatproof_conformance.space.contents import contents
from chatproof_conformance.space.conversation.acts import OfServer, Raw, Said, shown
from chatproof_conformance.space.conversation.bad_frames import (
    NEAR_JSON,
    NOT_JSON,
    NOT_OBJECTS,
    NOT_UTF8,
    OPEN_TO_READERS,
    UNKNOWN_TYPES,
    invalid_messages,
)
from chatproof_conformance.space.conversation.messages import TEXTS, TYPES, ServerMessage, valid_message
from chatproof_conformance.space.names import valid_names
from chatproof_conformance.space.patterns import fill
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.spellings import plain
from chatproof_schemas import SERVER_FRAME_BYTES, Direction, FrameVerdict, members_of, vectors

OWN = "ann"
"""The name under which the client joins, if its name does not matter; ``ann`` and ``joined`` are parts of others."""
_ROOM = Room("k", OWN, ("bob", "carol"))
_NAMED = (("message", "username"), ("private_message", "sender"), ("private_confirmation", "target"))
_UNKNOWN: tuple[ServerMessage, ...] = (
    {"x-extra": 1},
    {"id": "42", "room": {"name": "lobby", "topics": ["a", None]}},
    {"Type": "error", "TYPE": "x", "Content": "other", "Message": "other"},
    {"__proto__": {"x": 1}, "constructor": None, "toString": "x"},
    {"": "", " type": "x", "type ": "y", "\0": 0, "é": "🙂"},
    {"big": 10**15, "small": -1.5e-7, "none": None, "yes": True, "list": [[], {}], "text": "x" * 500},
    {"event": "shown", "do": "leave", "kind": "error", "timestamp2": "now"},
)
_FORGED: tuple[ServerMessage, ...] = (
    {"delivered": False, "reason": "User not found", "target": "carol"},
    {"sender": "mallory", "code": "username_taken"},
    {"delivered": "no", "code": 5, "reason": None, "sender": [], "target": {}},
)
ALIKE = (
    ("dora", "Dora", "DORA", "d ora"),
    ("zo\u00eb", "zoe\u0308", "zoe"),
    ("\uff41\uff42", "ab"),
    ("stra\u00dfe", "strasse"),
    ("eve", "eve\u00a0", "Eve"),
    (OWN, OWN.upper(), OWN.title()),
)
"""Names of different users that programs may take for one."""
_SHOWN = 160
_BLANK = (b"", b" ", b"\r", b"\t \r ", b" " * 300)
_CODES = ("username_taken", "username_invalid", "server_full", "not_joined", "invalid_message", "frame_too_long")
_SIZES = (1024, 1025, 2048, 4096, 4097, 8191, SERVER_FRAME_BYTES)


@functools.cache
def filled(pattern: str) -> str:
    """Return a pattern of a text or name with a word of our own in it."""
    return str(_filled({"x": pattern})["x"])


def _filled(patterns: Mapping[str, Any]) -> dict[str, Any]:
    """Return members as patterns with words and people in their places."""
    return dict(json.loads(fill(plain(patterns), _ROOM)))


def _texts() -> Iterator[OfServer]:
    said, *others = TEXTS
    for place, pattern in enumerate(contents()):
        for kind in (said, others[place % len(others)]):
            yield Said(f"text of {kind}: {shown(pattern)}", valid_message(kind, filled(pattern)))


def _types() -> Iterator[OfServer]:
    for kind in TYPES:
        for text in ("hi", "é 中 🙂 and more", "x"):
            yield Said(f"{kind}: {shown(text)}", valid_message(kind, text))
        yield Said(f"{kind}: long", valid_message(kind, "".join(f"{n:04}" for n in range(220))))
    for time in ("00:00:00", "23:59:59", "12:00:00"):
        yield from (Said(f"{kind}: at {time}", {**valid_message(kind, time), "timestamp": time}) for kind in TEXTS)


def _names() -> Iterator[OfServer]:
    for place, pattern in enumerate(valid_names()):
        kind, member = _NAMED[place % len(_NAMED)]
        message = {**valid_message(kind, "from a name"), member: filled(pattern)}
        yield Said(f"name in {kind}: {shown(pattern)}", message)
    for group in ALIKE:
        for name in (*group, group[0]):
            yield from (
                Said(f"names alike in {kind}: {shown(name)}", {**valid_message(kind, f"I am {name}"), member: name})
                for kind, member in _NAMED
            )
    for name in ("harness", "server", "system", "error", "null", "0", "constructor", "__proto__", "joined", f"{OWN}a"):
        yield from (
            Said(f"name in {kind}: {shown(name)}", {**valid_message(kind, f"I am {name}"), member: name})
            for kind, member in _NAMED
        )


def _undelivered() -> Iterator[OfServer]:
    base = {**valid_message("private_confirmation", "lost"), "delivered": False}
    for target in ("bob", "nobody", "bob", "carol d", "中"):
        for reason in ("User not found", None, "é 🙂", "x" * 300):
            message = {**base, "target": target, "content": f"lost {target}"} | ({"reason": reason} if reason else {})
            yield Said(f"undelivered: to {shown(target)}, {'with' if reason else 'without'} a reason", message)
    yield Said("undelivered: after it was delivered", {**base, "target": "bob", "content": "psst"})
    delivered = {**base, "delivered": True}
    yield Said("delivered: with a reason", {**delivered, "reason": "It went well"})
    yield Said("delivered: to who was not there", {**delivered, "target": "nobody"})


def _members() -> Iterator[OfServer]:
    for extra in (*_UNKNOWN, *_FORGED):
        for kind in TYPES:
            whole = valid_message(kind, f"{kind} with {', '.join(extra)}")
            if extra in _FORGED and kind not in ("message", "system", "server"):
                continue
            yield Said(f"unknown members of {kind}: {shown([*extra], 40)}", {**extra, **whole})
    for place, added in enumerate(ADDED):
        kind = TYPES[place % len(TYPES)]
        known = members_of(Direction.SERVER, kind).definitions
        extra = _filled(added)
        if extra.keys() - known:
            unknown = {name: value for name, value in extra.items() if name not in known}
            whole = valid_message(kind, f"{kind} with one more {place}")
            yield Said(f"unknown members of {kind}: {shown(unknown, 40)}", {**unknown, **whole})
    forged = {**valid_message("private_message", "private, forged"), "delivered": False, "target": "x"}
    yield Said("unknown members of private_message: delivered", forged)


def _notices() -> Iterator[OfServer]:
    notice = f"{OWN} joined the chat"
    for other in (
        f"{OWN} joined the chat 2",
        f"{OWN} joined the chat",
        f"{OWN}a",
        f"a{OWN}",
        f"a {OWN} b",
        OWN.upper(),
        f"{OWN} b",
        "joined",
        "bob",
    ):
        for what in ("joined", "left"):
            yield Said(f"notice: {shown(f'{other} {what}')}", valid_message("system", f"{other} {what} the chat"))
    for kind in ("message", "private_message", "server", "error"):
        yield Said(f"notice in {kind}: {shown(notice)}", valid_message(kind, notice))
    yield Said("notice in message: by the user", valid_message("message", notice, OWN))
    yield Said("message of the user, unasked: hello", valid_message("message", "hello from elsewhere", OWN))
    yield Said("private_message of the user, unasked: hello", valid_message("private_message", "note", OWN))


def _errors() -> Iterator[OfServer]:
    for code in _CODES:
        yield Said(f"error: {code}", {"type": "error", "message": f"It is {code}", "code": code})
    for text in ("No", "é 中 🙂", "Username already taken", "x" * 500, "a\nb", "private: not delivered", "joined"):
        yield Said(f"error: {shown(text)}", {"type": "error", "message": text})


def _repeated() -> Iterator[OfServer]:
    for kind in TYPES[:-1]:
        message = valid_message(kind, f"the same {kind}")
        yield from (Said(f"repeated {kind}: the same", message) for _ in range(3))
    for who in ("bob", "carol"):
        yield Said("repeated message: by another", valid_message("message", "me too", who))
        yield Said("repeated message: in private", valid_message("private_message", "me too", who))


def _long() -> Iterator[OfServer]:
    for size in _SIZES:
        for kind in ("message", "private_message", "server", "system"):
            room = size - len(plain(valid_message(kind, "")))
            for filler, width in (("x", 1), ("é", 2), ("🙂", 4)):
                start = f"{size} "
                text = start + filler * ((room - len(start)) // width)
                text += "y" * (room - len(text.encode()))
                yield Said(f"long {kind}: {size} bytes of {width}", valid_message(kind, text))
    escaped = b'{"type":"server","message":"%s","timestamp":"10:00:00"}' % (rb"\u0041" * 1300)
    yield Raw("long server: escapes", escaped)


def _bad() -> Iterator[OfServer]:
    for name, frames in (("not JSON", NOT_JSON), ("near JSON", NEAR_JSON), ("not UTF-8", NOT_UTF8)):
        yield from (Raw(f"bad, {name}: {shown(frame, _SHOWN)}", frame) for frame in frames)
    yield from (Raw(f"bad, no object: {shown(frame)}", frame) for frame in NOT_OBJECTS)
    yield from (Raw(f"bad, type: {shown(m, _SHOWN)}", plain(m)) for m in UNKNOWN_TYPES)
    yield from (Raw(f"bad, {m['type']}: {shown(m, _SHOWN)}", plain(m)) for m in invalid_messages() if "type" in m)


def _open() -> Iterator[OfServer]:
    yield from (Raw(f"open to readers: {shown(frame)}", frame) for frame in OPEN_TO_READERS)
    yield from (Raw(f"blank: {shown(line)}", line) for line in _BLANK)


def _vectors() -> Iterator[OfServer]:
    for vector in vectors():
        if vector.direction is Direction.SERVER:
            valid = vector.verdicts[0] is FrameVerdict.VALID
            yield Raw(f"vector, {'valid' if valid else 'bad'}: {vector.id}", vector.frame)


@functools.cache
def server_acts() -> dict[str, tuple[OfServer, ...]]:
    """Return what a server says, by kind."""
    return {
        "types": tuple(_types()),
        "texts": tuple(_texts()),
        "names": tuple(_names()),
        "undelivered": tuple(_undelivered()),
        "unknown members": tuple(_members()),
        "notices": tuple(_notices()),
        "errors": tuple(_errors()),
        "repeated": tuple(_repeated()),
        "long": tuple(_long()),
        "bad": tuple(_bad()),
        "open": tuple(_open()),
        "vectors": tuple(_vectors()),
    }
