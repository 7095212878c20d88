"""Bad frames of a server, which no client may take for a message, and those that it may take or not."""

from collections.abc import Iterator
from typing import Any

from chatproof_conformance.space.conversation.messages import TIME, TYPES, ServerMessage, valid_message

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
    b'{"type":"system","message":"a\xed\xa0\xbd\xed\xb8\x80b","timestamp":"10:00:00"}',
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
    {"message": "x", "timestamp": TIME},
    *({"type": value, "message": "x", "timestamp": TIME} for value in _NO_TYPES),
    *({"type": word, "message": "x", "timestamp": TIME} for word in ("System", "SYSTEM", "system ", "notice", "")),
    *({"type": word, "message": "x", "timestamp": TIME} for word in ("typing", "__proto__", "constructor", "toString")),
    {"__proto__": valid_message("system", "x")},
    {"type": "join", "username": "bob"},
    {"type": "private", "sender": "bob", "content": "x", "timestamp": TIME},
)
"""Objects with no type, one that is not a string, or one that servers of version 1 do not send."""


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
    yield from _misplaced()
    yield {**valid_message("error", "x"), "code": 5}
    yield {**valid_message("private_confirmation", "x"), "reason": 5}


def _misplaced() -> Iterator[ServerMessage]:
    """Yield messages whose members are all there, but in another object, or under names that are not quite theirs."""
    for kind in TYPES:
        whole = valid_message(kind, "x")
        members = {name: value for name, value in whole.items() if name != "type"}
        yield from ({"type": kind, holder: members} for holder in ("__proto__", "constructor", "data"))
        yield {"type": kind, **{name.title(): value for name, value in members.items()}}
