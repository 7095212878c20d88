"""What a client's frame asks for, and which answers SPEC.md permits to it.

A frame that SPEC.md lets a server take or refuse has messages and is ``refusable``; one that must be refused has no
messages; any other must be taken.
"""

import contextlib
import enum
import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from chatproof_conformance.judges.extremes import is_extreme
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
_EXTREME_CODES = frozenset({"malformed_json", "invalid_message"})
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'')
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


@functools.lru_cache(maxsize=8192)
def texts_in(frame: bytes) -> tuple[str, ...]:
    """Return the strings in a frame, each once, as lenient programs may read those that are not JSON in UTF-8."""
    found = (double or single for double, single in _QUOTED.findall(frame))
    return tuple(dict.fromkeys(text for raw in found for text in _readings(raw)))


def _readings(raw: bytes) -> Iterator[str]:
    try:
        decoded = [raw.decode()]
    except UnicodeDecodeError:
        decoded = [raw.decode("utf-8", "ignore"), raw.decode("utf-8", "replace"), raw.decode("latin-1")]
        with contextlib.suppress(UnicodeDecodeError):
            decoded.append(raw.decode("utf-8", "surrogatepass"))
    for text in decoded:
        with contextlib.suppress(ValueError):
            text = str(json.loads(f'"{text}"', strict=False))  # noqa: PLW2901  the same, without its escapes
        yield text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_body(frame: bytes) -> Reading:
    if frame.startswith(BYTE_ORDER_MARK):
        inner = _read_json(frame[len(BYTE_ORDER_MARK) :])
        codes, requirement = inner.codes | {"malformed_json"}, inner.requirement or "ERROR-1"
        return replace(inner, refusable=True, codes=codes, requirement=requirement, features=())
    return _read_json(frame)


def _read_json(frame: bytes) -> Reading:
    try:
        value = decode_frame(frame)
    except FrameRefused:
        return _read_malformed(frame)
    extreme = is_extreme(frame)
    if codes := _codes(value):
        requirement = "ERROR-10" if extreme else _requirement(value, codes)
        return _refused(requirement, codes | _EXTREME_CODES if extreme else codes, value)
    asked = _asked(value)
    if extreme:
        return Reading((asked,), refusable=True, codes=_EXTREME_CODES, requirement="ERROR-10", type=value["type"])
    return Reading((asked,), type=value["type"], features=_features(frame, value))


def _codes(value: object) -> frozenset[str]:
    """Return the codes that fit what keeps a value from being a message."""
    problems = find_problems(value, Direction.CLIENT)
    codes = frozenset(problem.code for problem in problems)
    if isinstance(value, dict) and "username" in value and any(problem.path == "/username" for problem in problems):
        codes |= {"invalid_message", "username_invalid"}
    return codes


def _refused(requirement: str, codes: frozenset[str], value: object) -> Reading:
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
    return "JOIN-8" if "username_invalid" in codes and isinstance(value["username"], str) else "ERROR-4"


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
        "PUBLIC-3": len(message) > members,
    }
    return tuple(requirement for requirement, present in found.items() if present)


def _read_malformed(frame: bytes) -> Reading:
    codes = frozenset({"malformed_json"}) | (_EXTREME_CODES if is_extreme(frame) else frozenset())
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
        return _refused("ERROR-7", codes | _codes(last), last)
    return _read_duplicates(text, last, codes)


def _read_duplicates(text: str, last: object, codes: frozenset[str]) -> Reading:
    """Read an object with duplicate members: whoever takes it may believe the first or the last (ERROR-8)."""
    first = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    messages = []
    for value in (last, first):
        codes |= (found := _codes(value))
        if not found and isinstance(value, dict):
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
