"""Recognises the frequent frames by their shape alone, several times as fast as parsing and validating them.

It may say nothing about a frame, and then :func:`chatproof_schemas.read_frame` judges it; what it does recognise is
valid by the schemas. The shapes are built from the schemas, for types whose members are all strings: a string that must
only be non-empty is taken by the JSON grammar of a non-empty string without lone surrogates; one with more rules is
taken only if it is the name of somebody who has joined, because that has been judged before. A frame of such a shape
has exactly its members, so none is there twice.
"""

import functools
import json
import re
from collections.abc import Container
from typing import Any

from chatproof_reference.server.requests import Request, Say, SayPrivately, judge
from chatproof_reference.wire import Frame
from chatproof_schemas import Direction, load_schema, message_types

_PLAIN = rb'[^"\\\x00-\x1f]*'
_ESCAPE = (
    rb'\\(?:["\\/bfnrt]|u(?:[0-9abcefABCEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    rb"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))"
)
_TEXT = rb'(?!"")"' + _PLAIN + rb"(?:" + _ESCAPE + _PLAIN + rb')*"'
_UNESCAPED = rb'"(' + _PLAIN + rb')"'
_ANNOTATIONS = {"title", "description", "examples", "$comment"}


def understand(frame: Frame, names: Container[str]) -> Request:
    """Return what a frame asks for; ``names`` are those of joined users."""
    if isinstance(frame, bytes) and (request := recognise(frame, names)):
        return request
    return judge(frame)


def recognise(frame: bytes, names: Container[str]) -> Request | None:
    """Return what a frame asks for, or nothing where only parsing can tell; ``names`` are those of joined users."""
    found = _shape("message").fullmatch(frame)
    if found:
        return Say(found[1]) if _is_utf_8(frame) else None
    found = _shape("private_message").fullmatch(frame)
    if found and _is_utf_8(frame) and (target := found[1].decode()) in names:
        return SayPrivately(target, found[2])
    return None


def _is_utf_8(frame: bytes) -> bool:
    if frame.isascii():
        return True
    try:
        frame.decode()
    except UnicodeDecodeError:
        return False
    return True


@functools.cache
def _shape(name: str) -> re.Pattern[bytes]:
    """Return what a frame of a type looks like, its members in the schema's order, each but ``type`` a group."""
    if name not in message_types(Direction.CLIENT):
        raise LookupError(name)
    schema = load_schema(f"client/{name}")
    members = [_member(member, schema["properties"][member]) for member in schema["required"]]
    space = rb"[ \t\r]*"
    body = (space + rb"," + space).join(members)
    return re.compile(space + rb"\{" + space + body + space + rb"\}" + space)


def _member(name: str, schema: dict[str, Any]) -> bytes:
    if "const" in schema:
        value = json.dumps(schema["const"]).encode()
    elif _is_any_text(schema):
        value = b"(" + _TEXT + b")"
    else:
        value = _UNESCAPED
    return b'"' + name.encode() + rb'"[ \t\r]*:[ \t\r]*' + value


def _is_any_text(schema: dict[str, Any]) -> bool:
    if "$ref" in schema:
        schema = load_schema("common")["$defs"][schema["$ref"].rpartition("/")[2]]
    rules = {keyword: value for keyword, value in schema.items() if keyword not in _ANNOTATIONS}
    return rules == {"type": "string", "minLength": 1}
