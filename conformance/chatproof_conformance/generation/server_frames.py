"""Frames of a server: valid ones of each type, and bad ones that no client may take for a message."""

import json
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from chatproof_conformance.generation import json_values
from chatproof_conformance.generation.text import contents, name_cores
from chatproof_schemas import Direction, members_of, message_types

ServerMessage = dict[str, Any]

NOW = "14:30:25"
TYPES = message_types(Direction.SERVER)

NOT_JSON = (
    b"hello",
    b"{",
    b"}",
    b'{"type":"system","message":"cut off',
    b'{"type":"system","message":"x","timestamp":"10:00:00"',
    b'{"type":"system" "message":"x","timestamp":"10:00:00"}',
    b'"type":"system","message":"x","timestamp":"10:00:00"',
    b"HTTP/1.1 400 Bad Request",
    b"[1,2",
    b"\0",
)
"""Frames that no JSON parser takes."""

_SYSTEM = '{"type":"system","message":"x","timestamp":"10:00:00"%s}'
NEAR_JSON = (
    *((_SYSTEM % extra).encode() for extra in (',"n":NaN', ',"n":Infinity', ',"n":-Infinity', "/*comment*/", ",")),
    *((_SYSTEM % extra).encode() for extra in (',"n":01', ',"n":+1', ',"n":.5', ',"n":0x10', ',"b":True')),
    *((_SYSTEM % extra).encode() for extra in (',"l":[1,]', ',"s":"\\x41"', ',"s":"\\u00g0"', ',"b":undefined')),
    b"{'type':'system','message':'x','timestamp':'10:00:00'}",
    b'{type:"system",message:"x",timestamp:"10:00:00"}',
    b'{"type":"system","message":"a\tb","timestamp":"10:00:00"}',
    b'{"type":"system","message":"a\x01b","timestamp":"10:00:00"}',
    (_SYSTEM % "").encode() + b" x",
    (_SYSTEM % "").encode() * 2,
    (_SYSTEM % "").encode() + b"]",
    (_SYSTEM % "").encode() + b" // comment",
    b"\x0b" + (_SYSTEM % "").encode(),
    "\u00a0".encode() + (_SYSTEM % "").encode(),
)
"""Frames that lenient parsers take and RFC 8259 does not."""

NOT_UTF8 = (
    *(b'{"type":"system","message":"a%sb","timestamp":"10:00:00"}' % bad for bad in (b"\xff", b"\xe9", b"\xc0\xaf")),
    *(b'{"type":"system","message":"a%sb","timestamp":"10:00:00"}' % bad for bad in (b"\xed\xa0\x80", b"\xe2\x82")),
    b'{"type":"system","message":"x","timestamp":"10:00:00","\xfe":1}',
    b"\xff\xfe{\x00",
)
"""Frames with bytes that are not UTF-8: stray, overlong, surrogates, cut off."""

NOT_OBJECTS = (b"[]", b"[1,2]", b'"text"', b"12", b"-1.5e3", b"true", b"null", b'[{"type":"system","message":"x"}]')
"""JSON values that are no objects."""

OPEN_TO_READERS = (
    rb'{"type":"system","message":"a\ud800b","timestamp":"10:00:00"}',
    rb'{"type":"message","username":"bob","content":"\udc00\ud800","timestamp":"10:00:00"}',
    b'{"type":"system","message":"x","message":"y","timestamp":"10:00:00"}',
    b'{"type":"system","message":"x","timestamp":"10:00:00","extra":{"a":1,"a":2}}',
    b"\xef\xbb\xbf" + (_SYSTEM % "").encode(),
    b'{"type":"server","message":"' + b"x" * 9000 + b'","timestamp":"10:00:00"}',
    (_SYSTEM % (',"deep":' + "[" * 3000 + "]" * 3000)).encode(),
    (_SYSTEM % (',"deep":' + '{"a":' * 1000 + "1" + "}" * 1000)).encode(),
    (_SYSTEM % (',"huge":1' + "0" * 5000)).encode(),
    (_SYSTEM % ',"huge":1e999').encode(),
    b'{"type":"error","message":"Of a later version","code":"too_late"}',
)
"""Frames that a client may show or refuse; either way it goes on."""

_NO_TYPES: tuple[Any, ...] = (None, True, 0, 1.5, [], ["system"], {})
UNKNOWN_TYPES: tuple[ServerMessage, ...] = (
    {},
    {"message": "x", "timestamp": NOW},
    *({"type": value, "message": "x", "timestamp": NOW} for value in _NO_TYPES),
    *({"type": word, "message": "x", "timestamp": NOW} for word in ("System", "SYSTEM", "system ", "notice", "")),
    *({"type": word, "message": "x", "timestamp": NOW} for word in ("typing", "__proto__", "constructor", "toString")),
    {"type": "join", "username": "bob"},
    {"type": "private", "sender": "bob", "content": "x", "timestamp": NOW},
)
"""Objects with no type, one that is not a string, or one that servers of version 1 do not send."""


def valid_message(kind: str, text: str, who: str = "bob") -> ServerMessage:
    """Return a valid message of a type, with this content or text."""
    values = {"username": who, "content": text, "text": text, "timestamp": NOW, "code": "invalid_message"}
    members = members_of(Direction.SERVER, kind)
    given = {
        name: values.get(definition, True)
        for name, definition in members.definitions.items()
        if name in members.required or definition == "code"
    }
    return {"type": kind, **given}


def invalid_messages() -> Iterator[ServerMessage]:
    """Yield messages of each type with each member missing, of wrong types, or out of its limits."""
    for kind in TYPES:
        whole = valid_message(kind, "x")
        for name in whole:
            if name in ("type", "code"):
                continue
            yield {key: value for key, value in whole.items() if key != name}
            wrong: tuple[object, ...] = (None, 5, ["x"], {"a": "x"}, "true" if name == "delivered" else "")
            for value in wrong:
                yield {**whole, name: value}
    for name in ("n" * 33, " bob", "bob ", "b\nb", "b\u200bb", "b\u2028b", "\x7f"):
        yield valid_message("message", "x", name)
        yield valid_message("private_message", "x", name)
    for clock in ("24:00:00", "10:60:00", "10:00:60", "1:00:00", "10:00", "10:00:00Z", "\u0661\u0660:00:00", "now"):
        yield {**valid_message("system", "x"), "timestamp": clock}
    yield {**valid_message("error", "x"), "code": 5}
    yield {**valid_message("private_confirmation", "x"), "reason": 5}


def valid_messages(least: int = 1, most: int = 12) -> st.SearchStrategy[list[ServerMessage]]:
    """Return lists of valid messages of any type but errors, none of which says the same as another."""
    kinds = st.sampled_from([kind for kind in TYPES if kind != "error"])
    who = name_cores().map(lambda core: f"b{core}b")
    one = st.builds(valid_message, kinds, contents(12), who)
    return st.lists(one, min_size=least, max_size=most, unique_by=lambda m: str(m.get("content", m.get("message"))))


def extra_members() -> st.SearchStrategy[ServerMessage]:
    """Return members that no type of a server has."""
    names = st.sampled_from(["x-extra", "id", "room", "Type", "to", "edited", "__proto__", "constructor", "avatar", ""])
    return st.dictionaries(names, json_values.json_values(), min_size=1, max_size=3)


def bad_frames() -> st.SearchStrategy[bytes]:
    """Return frames that a client must report to its user, and no more."""
    written = (*NOT_JSON, *NEAR_JSON, *NOT_UTF8, *NOT_OBJECTS, *map(encoded_as_is, UNKNOWN_TYPES))
    others = (encoded_as_is(message) for message in invalid_messages())
    garbage = st.binary(min_size=1, max_size=20).map(lambda data: b"\xff" + data.replace(b"\n", b" "))
    return st.one_of(st.sampled_from((*written, *others)), garbage)


def encoded(message: ServerMessage) -> bytes:
    """Return a server's message as a frame, with the time if its type has one and none is given."""
    if message.get("type") == "private_confirmation":
        message = {**message, "delivered": message.get("delivered", True)}
    if message.get("type") != "error":
        message = {**message, "timestamp": message.get("timestamp", time.strftime("%H:%M:%S"))}
    return encoded_as_is(message)


encoded_as_is = json_values.encoded
"""Returns a message as a frame, with nothing added."""


def in_other_words(message: ServerMessage) -> Iterator[bytes]:
    """Yield a message's frame in other words of JSON: spaces, escapes, another order of members."""
    yield json.dumps(message, ensure_ascii=True).encode()
    yield json.dumps(dict(reversed(message.items())), ensure_ascii=False, separators=(" ,\t", "\r :  ")).encode()
    yield b" \t\r" + encoded(message) + b"\r"
    yield (
        "".join(
            char if char in '{}:,[] "' or not char.isalpha() or not char.isascii() else f"\\u{ord(char):04X}"
            for char in json.dumps({**message, "delivered": "?"} if "delivered" in message else message)
        )
        .replace('"?"', "true")
        .encode()
    )
