"""What a client's frame asks for, and which answers SPEC.md permits to it.

A frame that SPEC.md lets a server take or refuse has messages and is ``refusable``; one that must be refused has no
messages; any other must be taken.
"""

import enum
import functools
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from chatproof_conformance.judges.nesting import DEEP
from chatproof_schemas import (
    CLIENT_FRAME_BYTES,
    Direction,
    FrameRefused,
    decode_frame,
    find_problems,
    members_of,
    message_types,
)

JSON_SPACE = b" \t\r\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Parsers in wide use stop at integers of 64 bits or numbers beyond a double (ERROR-10 lets them).
_HUGE_NUMBER = re.compile(rb"[0-9]{19}|[eE][+-]?[0-9]{3}")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LENIENT = (
    (re.compile(r"//[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL), ""),
    (re.compile(r"'"), '"'),
    (re.compile(r",(\s*[}\]])"), r"\1"),
    (re.compile(r"([{,]\s*)([A-Za-z_$][\w$]*)\s*:"), r'\1"\2":'),
    (re.compile(r"(:\s*)\+?0*([0-9])"), r"\1\2"),
    (re.compile(r"(:\s*)(0[xX][0-9a-fA-F]+|-?\.[0-9]+|[0-9]+\.(?![0-9])|undefined|None|True|False)"), r"\g<1>0"),
)


class Verb(enum.IntEnum):
    """What a valid message asks for."""

    JOIN = 0
    PUBLIC = 1
    PRIVATE = 2


_VERBS = {"join": Verb.JOIN, "message": Verb.PUBLIC, "private_message": Verb.PRIVATE}
"""What each type is to the judge; its members stand in the schemas."""
_FORGEABLE = sorted(
    {
        member
        for name in {*message_types(Direction.CLIENT)} & {*message_types(Direction.SERVER)}
        for member in members_of(Direction.SERVER, name).definitions.keys()
        - members_of(Direction.CLIENT, name).definitions.keys()
    }
)
"""What only the server may say of a message that it passes on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One valid message.

    Attributes:
        verb: what it asks for.
        name: the username of a join, the target of a private message; else empty.
        content: of a public or private message; else empty.
        forged: members that clients do not send but that say who it comes from or when, by name (PUBLIC-3).
    """

    verb: Verb
    name: str
    content: str
    forged: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What SPEC.md makes of a client's frame, whatever the state of its connection.

    Attributes:
        messages: the messages that it may be taken for; empty if it must be refused.
        refusable: whether it may, or must, be answered by an error.
        codes: the error codes that fit.
        requirement: if it is refusable, the requirement that a wrong answer breaks.
        type: its ``type`` if clients send that type.
        features: requirements that this frame puts to the test by its form: FRAME-4, FRAME-6, PUBLIC-3.
    """

    messages: tuple[Asked, ...]
    refusable: bool = False
    codes: frozenset[str] = frozenset()
    requirement: str = ""
    type: str = ""
    features: tuple[str, ...] = ()


@functools.lru_cache(maxsize=8192)
def read_client_frame(frame: bytes) -> Reading:
    """Return what SPEC.md makes of a frame (without its LF)."""
    body = _read_body(frame)
    if len(frame) <= CLIENT_FRAME_BYTES:
        return body
    return Reading((), refusable=True, codes=body.codes | {"frame_too_long"}, requirement="FRAME-5", type=body.type)


def _read_body(frame: bytes) -> Reading:
    if frame.startswith(BYTE_ORDER_MARK):
        inner = _read_body(frame[len(BYTE_ORDER_MARK) :])
        codes, requirement = inner.codes | {"malformed_json"}, inner.requirement or "ERROR-1"
        return replace(inner, refusable=True, codes=codes, requirement=requirement, features=())
    try:
        value = decode_frame(frame)
    except FrameRefused:
        return _read_malformed(frame)
    problems = find_problems(value, Direction.CLIENT)
    extreme = _is_extreme(frame, value)
    if problems:
        codes = frozenset(problem.code for problem in problems)
        return _refused("ERROR-10" if extreme else _requirement(value, codes), codes, value)
    asked = _asked(value)
    if extreme:
        codes = frozenset({"malformed_json", "invalid_message"})
        return Reading((asked,), refusable=True, codes=codes, requirement="ERROR-10", type=value["type"])
    return Reading((asked,), type=value["type"], features=_features(frame, value))


def _refused(requirement: str, codes: frozenset[str], value: object) -> Reading:
    if "username_invalid" in codes:
        codes |= {"invalid_message"}
    name = value.get("type") if isinstance(value, dict) else None
    known = name if isinstance(name, str) and name in message_types(Direction.CLIENT) else ""
    return Reading((), refusable=True, codes=codes, requirement=requirement, type=known)


def _requirement(value: object, codes: frozenset[str]) -> str:
    if not isinstance(value, dict):
        return "ERROR-2"
    name = value.get("type")
    if not isinstance(name, str) or name not in message_types(Direction.CLIENT):
        only_servers = isinstance(name, str) and name in message_types(Direction.SERVER)
        return "ERROR-9" if only_servers else "ERROR-3"
    return "JOIN-8" if codes == {"username_invalid"} else "ERROR-4"


def _asked(message: dict[str, Any]) -> Asked:
    members = members_of(Direction.CLIENT, message["type"])
    name = message[members.user] if members.user else ""
    if not members.text:
        return Asked(_VERBS[message["type"]], name, "")
    return Asked(_VERBS[message["type"]], name, message[members.text], _forged(message))


def _forged(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, message[name]) for name in _FORGEABLE if isinstance(message.get(name), str))


def _features(frame: bytes, message: dict[str, Any]) -> tuple[str, ...]:
    members = 1 + len(members_of(Direction.CLIENT, message["type"]).required)
    found = {
        "FRAME-4": len(frame) == CLIENT_FRAME_BYTES,
        "FRAME-6": frame[:1] != b"{" or frame[-1:] != b"}",
        "PUBLIC-3": len(message) > members and message["type"] == "message",
    }
    return tuple(requirement for requirement, present in found.items() if present)


def _is_extreme(frame: bytes, value: object) -> bool:
    brackets = frame.count(b"[") + frame.count(b"{")
    if brackets > DEEP and _is_deep(value):
        return True
    return bool(_HUGE_NUMBER.search(frame) and _HUGE_NUMBER.search(_STRING.sub(b'""', frame)))


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEP):
        inner: list[object] = []
        for item in level:
            if isinstance(item, (dict, list)):
                inner += item.values() if isinstance(item, dict) else item
        level = inner
    return bool(level)


def _read_malformed(frame: bytes) -> Reading:
    codes = frozenset({"malformed_json"})
    try:
        text = frame.decode()
    except UnicodeDecodeError:
        return Reading((), refusable=True, codes=codes, requirement="ERROR-5")
    try:
        last = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        requirement = "ERROR-6" if _lenient_parsers_take(text) else "ERROR-1"
        return Reading((), refusable=True, codes=codes, requirement=requirement)
    if _LONE_SURROGATE.search(json.dumps(last, ensure_ascii=False)):
        return _refused("ERROR-7", codes, last)
    return _read_duplicates(text, last, codes)


def _read_duplicates(text: str, last: object, codes: frozenset[str]) -> Reading:
    """Read an object with duplicate members: whoever takes it may believe the first or the last (ERROR-8)."""
    first = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    messages = []
    for value in (last, first):
        problems = find_problems(value, Direction.CLIENT)
        codes |= {problem.code for problem in problems}
        if not problems and isinstance(value, dict):
            messages.append(_asked(value))
    name = messages[0].verb if messages else None
    kind = "" if name is None else message_types(Direction.CLIENT)[name]
    return Reading(tuple(dict.fromkeys(messages)), refusable=True, codes=codes, requirement="ERROR-8", type=kind)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _lenient_parsers_take(text: str) -> bool:
    for pattern, replacement in _LENIENT:
        if _starts_with_json(text):
            return True
        text = pattern.sub(replacement, text)
    return _starts_with_json(text)


def _starts_with_json(text: str) -> bool:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text.strip())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)
