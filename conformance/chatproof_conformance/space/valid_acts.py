"""Acts that a joined connection may send: messages of every content, target, spelling and size, with added members."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.added_members import ADDED
from chatproof_conformance.space.contents import ESCAPED_CONTENTS, FILLERS, contents
from chatproof_conformance.space.names import valid_names
from chatproof_conformance.space.patterns import act, encoded, fill, shown
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.spellings import SPELLINGS, Message
from chatproof_conformance.space.values import valid
from chatproof_schemas import CLIENT_FRAME_BYTES

MESSAGES = ("message", "private_message")
"""The types that carry a content."""

_TARGETS = (
    *("<present>", "<other>", "<own>", "<own-case>", "<word>", "<present>a", "a<present>", "<present-cut>"),
    *(
        "<present-case>",
        "<present> b",
        "@<present>",
        "<present>,<other>",
        "<present> <other>",
        "<present>.",
        "*<present>",
    ),
    *("<present>\u00a0", "\u3000<present>", "<present>\u0301", "<present>0", "<present>%", "<present>*", '"<present>"'),
    *("*", "all", "@all", "everyone", "server", "system", "admin", "0", "-1", ".*", "%", "null", "undefined", "true"),
    *("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "message", "error", "content", "target"),
)
"""People present and absent, what is nearly the name of someone present, and what may mean everyone or nobody."""

_ANSWERED: tuple[Mapping[str, Any], ...] = (
    *({"reason": "<word>"}, {"reason": "<word>", "delivered": False}, {"delivered": False}),
    *({"delivered": True}, {"type2": "<word>", "reason": None}),
)
"""Members that the answer has."""

_LEVELS = (8, 16, 29, 30, 31, 32, 33, 64, 100, 460)
_NUMBERS = (
    *("9007199254740993", "123456789012345678", "1234567890123456789", "-123456789012345678", "18446744073709551616"),
    *("1e99", "1e100", "1e-99", "-1E+99", "1e400", "-1e400", "1e-400", "1e308", "1e309", "5e-324", "1e999999999999"),
    *("0.12345678901234567", "0.1234567890123456789", "-0", "0e0", "0E-0", "1.0", "100000000000000000", "9" * 400),
)


def _content_acts(kind: str) -> Iterator[Act]:
    for text in contents():
        yield act(kind, "content", shown(text), encoded(valid(kind) | {"content": text}))
    for escaped in ESCAPED_CONTENTS:
        frame = encoded(valid(kind)).replace(b'"<word>"', b'"' + escaped + b'"')
        yield act(kind, "content", shown(escaped), frame, "escapes")


def _target_acts() -> Iterator[Act]:
    names = [*valid_names()]
    for target in (*_TARGETS, *names[:12], *names[20::3]):
        yield act("private_message", "target", shown(target), encoded(valid("private_message") | {"target": target}))


def added_acts(kind: str) -> Iterator[Act]:
    """Yield messages of a type with members that it does not have (PUBLIC-3, PUBLIC-4)."""
    for members in ADDED:
        added = {member: value for member, value in members.items() if member not in valid(kind)}
        if added:
            yield act(kind, "", f"added {shown(added)}", encoded(valid(kind) | added), "added members")
    if kind == "private_message":
        for who, target in {"to somebody": "<present>", "to nobody": "<word>n"}.items():
            for members in _ANSWERED:
                frame = encoded({**valid(kind), "target": target, **members})
                yield act(kind, "", f"{who}, added {shown(members)}", frame, "added members")


def _added_values(kind: str) -> Iterator[Act]:
    """Yield messages with an added member whose value is deep or a number of many digits (ERROR-10)."""
    values = {f"{levels} arrays": "[" * levels + "]" * levels for levels in _LEVELS}
    values |= {f"{levels} objects": '{"a":' * levels + "0" + "}" * levels for levels in _LEVELS[2:9]}
    values |= {f"number {shown(number)}": number for number in _NUMBERS}
    for label, value in values.items():
        for place, pattern in {"last": b'%s,"x":%s}', "first": b'{"x":%s,%s'}.items():
            frame = encoded(valid(kind))
            parts = (frame[:-1], value.encode()) if place == "last" else (value.encode(), frame[1:])
            if place == "last" or kind == "message":
                yield act(kind, "", f"added {label}, {place}", pattern % parts, "added members")


def spelt_acts(kind: str) -> Iterator[Act]:
    """Yield messages of a type in each spelling."""
    messages: dict[str, Message] = {"a word": valid(kind)}
    if kind in MESSAGES:
        messages["telling"] = valid(kind) | {"content": '<word> é🙂\n"\\', "x": [1, {"a": None}]}
    else:
        messages["the longest name"] = valid(kind) | {"username": "<word~🙂32>"}
    for label, message in messages.items():
        for spelling in SPELLINGS:
            yield _spelt(kind, label, spelling, message)


def _spelt(kind: str, value: str, spelling: str, message: Message) -> Act:
    def write(room: Room) -> bytes:
        return SPELLINGS[spelling](json.loads(fill(encoded(message), room)))

    return Act(kind, "", value, write, spelling)


def sized_acts(kind: str, *sizes: int) -> Iterator[Act]:
    """Yield messages of a type of exactly so many bytes, in characters of each length; joins get a longer member."""
    for label, filler in FILLERS.items():
        member = "content" if kind in MESSAGES else "padding"
        message = {**valid(kind), member: "<word><filler>"}
        frame = encoded(message).replace(b"<filler>", filler * 30)
        for size in sizes:
            yield act(kind, member, f"{size} bytes in {label}", frame, "long", size)


def valid_acts() -> dict[str, tuple[Act, ...]]:
    """Return acts by kind, each a valid message but no join; deep and huge values may be refused (ERROR-10)."""
    sizes = (CLIENT_FRAME_BYTES - 1, CLIENT_FRAME_BYTES)
    return {
        "public": tuple(_content_acts("message")),
        "private": tuple(_content_acts("private_message")),
        "targets": tuple(_target_acts()),
        "spellings": tuple(one for kind in MESSAGES for one in spelt_acts(kind)),
        "added members": tuple(one for kind in MESSAGES for one in added_acts(kind)),
        "deep and huge": tuple(one for kind in MESSAGES for one in _added_values(kind)),
        "sizes": tuple(one for kind in MESSAGES for one in sized_acts(kind, *sizes)),
    }
