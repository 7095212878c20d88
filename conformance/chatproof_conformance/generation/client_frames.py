"""Frames that are not valid messages: near-JSON, JSON of the wrong shape, and mutations of valid messages."""

import json
from typing import Any

from hypothesis import strategies as st

from chatproof_schemas import Direction, message_types

NOT_JSON = (
    b"hello",
    b"{",
    b"}",
    b'{"type":"message","content":"cut off',
    b'{"type":"message","content":"x"',
    b'{"type":"message" "content":"x"}',
    b'"type":"message","content":"x"',
    b"GET / HTTP/1.1",
    b"[1,2",
    b"\0",
    b"\x0b",  # white space to many, and not to JSON
    b"\x0c\r",
)
"""Frames that no JSON parser takes."""

_MESSAGE = b'{"type":"message","content":"x"%s}'
_CONTENT = b'{"type":"message","content":"%s"}'
NEAR_JSON = (
    *(_MESSAGE % extra for extra in (b',"n":NaN', b',"n":Infinity', b',"n":-Infinity', b"/*comment*/")),
    _MESSAGE % b"" + b" // comment",
    b"{'type':'message','content':'x'}",
    *(_MESSAGE % extra for extra in (b",", b',"l":[1,]')),
    b'{type:"message","content":"x"}',
    *(_CONTENT % text for text in (b"a\tb", b"a\x01b", b"a\rb", b"\\x41", b"\\u00g0")),
    *(_MESSAGE % b"" + rest for rest in (b" x", _CONTENT % b"y", b"]")),
    *(_MESSAGE % (b',"n":' + number) for number in (b"01", b"+1", b".5", b"1.", b"0x10")),
    *(_MESSAGE % (b',"b":' + word) for word in (b"True", b"None", b"undefined")),
    b"\x0b" + _MESSAGE % b"",
    "\u00a0".encode() + _MESSAGE % b"",
)
"""Frames that lenient parsers take and RFC 8259 does not."""

_STRAY = (b"\xff", b"\xe9", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80")
NOT_UTF8 = (*(_CONTENT % bad for bad in _STRAY), b'\xff\xfe{\x00"\x00', _MESSAGE % b',"\xfe":1')
"""Frames with bytes that are not UTF-8: stray, overlong, surrogates, beyond U+10FFFF, cut off."""

_LONE = (rb"\ud800", rb"\udfff", rb"a\uDBFFb", rb"\udc00\ud800", rb"\ud800\u0041", rb"\ud83d\ud83d\ude00")
LONE_SURROGATES = (
    *(_CONTENT % text for text in _LONE),
    *(
        _MESSAGE % extra
        for extra in (rb',"\udabc":1', rb',"deep":[{"l":"\ud900"}]', rb',"extra":"\ud800","later":["y"]')
    ),
)
"""JSON whose strings are no Unicode text."""

DUPLICATES = (
    b'{"type":"message","content":"x","content":"y"}',
    b'{"type":"message","type":"message","content":"x"}',
    rb'{"type":"message","content":"x","c\u006fntent":"y"}',
    b'{"type":"message","content":"x","extra":{"a":1,"a":2}}',
)
"""Objects with a member name twice."""

_SCALARS = (b'"text"', b"12", b"0", b"-1.5e3", b"true", b"false", b"null")
NOT_OBJECTS = (b"[]", b"[1,2]", *_SCALARS, b'[{"type":"message","content":"x"}]')
"""JSON values that are no objects."""

SERVER_TYPES = tuple(name for name in message_types(Direction.SERVER) if name not in message_types(Direction.CLIENT))
"""Types that only servers send."""


def json_values() -> st.SearchStrategy[Any]:
    """Return small JSON values of any type."""
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    )
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    return st.recursive(
        scalars | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    )


def extra_members() -> st.SearchStrategy[dict[str, Any]]:
    """Return members that no message type has, and forged ones that servers alone may set."""
    forged = st.fixed_dictionaries({}, optional={
        "username": st.sampled_from(["admin", "system", "server"]) | json_values(),
        "sender": st.sampled_from(["admin", "nobody"]) | json_values(),
        "timestamp": st.sampled_from(["00:00:00", "12:34:56"]) | json_values(),
        "delivered": json_values(),
        "id": json_values(),
        "x-extra": json_values(),
    })  # fmt: skip
    return forged.filter(bool)


_NO_TEXT: tuple[Any, ...] = (None, True, False, 0, 1.5, [], ["x"], {}, {"a": "x"})

WRONG_TYPES: tuple[dict[str, Any], ...] = (
    {},
    {"content": "x"},
    {"username": "x"},
    {"target": "x", "content": "x"},
    {"Type": "message", "content": "x"},
    *({"type": value, "content": "x", "username": "x", "target": "x"} for value in _NO_TEXT),
    *(
        {"type": word, "content": "x"}
        for word in ("Message", "MESSAGE", "message ", " message", "messages", "msg", "m", "")
    ),
    *(
        {"type": word, "content": "x", "target": "x"}
        for word in ("Private_Message", "private-message", "privatemessage")
    ),
    *(
        {"type": word, "username": "x"}
        for word in ("Join", "JOIN", "join ", "leave", "quit", "ping", "__proto__", "constructor")
    ),
)
"""Objects with no type, one that is not a string, or one that nobody knows."""


def wrong_members(target: str) -> tuple[dict[str, Any], ...]:
    """Return messages of known types, each with one member missing, of the wrong type, or out of its limits."""
    private = {"type": "private_message", "target": target, "content": "x"}
    names = ("", " ", "n" * 33, f" {target}", f"{target} ", f"{target}\n", f"{target}\u200b", f"{target}\u2028", "\x7f")
    return (
        {"type": "message"},
        {"type": "message", "Content": "x", "message": "x"},
        *({"type": "message", "content": value} for value in ("", *_NO_TEXT)),
        {"type": "private_message", "target": target},
        {"type": "private_message", "content": "x"},
        *({**private, "content": value} for value in ("", *_NO_TEXT)),
        *({**private, "target": value} for value in (*names, [target], *_NO_TEXT)),
    )


def missing_or_wrong_types() -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with no type, one that is not a string, or one that nobody knows."""
    unknown = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(
        lambda name: name not in (*SERVER_TYPES, *message_types(Direction.CLIENT))
    )
    telling = st.sampled_from(["Message", "MESSAGE", "message ", " message", "messages", "msg", "ping", "", "type"])
    others = json_values().filter(lambda value: not isinstance(value, str))
    return st.one_of(
        st.just({}),
        st.just({"content": "x"}),
        st.one_of(unknown, telling, others).map(lambda value: {"type": value, "content": "x", "username": "x"}),
    )


def broken_members(target: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return messages of known types, one member of which is missing, of the wrong type, or out of its limits."""
    not_text = json_values().filter(lambda value: not isinstance(value, str))
    bad_text = st.just("") | not_text
    bad_name = bad_text | st.sampled_from(["n" * 33, " lead", "trail ", "a\nb", "a\u200bb", "a\u2028b", "\x7f"])
    return st.one_of(
        st.just({"type": "message"}),
        bad_text.map(lambda value: {"type": "message", "content": value}),
        st.just({"type": "private_message", "target": target}),
        st.just({"type": "private_message", "content": "x"}),
        st.just({"type": "private_message"}),
        bad_text.map(lambda value: {"type": "private_message", "target": target, "content": value}),
        bad_name.map(lambda value: {"type": "private_message", "target": value, "content": "x"}),
    )


def encoded(message: dict[str, Any]) -> bytes:
    """Return a message as the bytes of a frame."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8")
