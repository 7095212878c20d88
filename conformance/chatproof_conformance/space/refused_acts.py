"""Acts that get an error wherever they are sent: not JSON, not UTF-8, no object, of no known type, too long."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.names import invalid_names
from chatproof_conformance.space.patterns import act, encoded, shown
from chatproof_conformance.space.valid_acts import MESSAGES, sized_acts
from chatproof_conformance.space.values import CLIENT_TYPES, SERVER_TYPES, not_texts, valid
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, members_of

_UNKNOWN_TYPES = (
    *("", " ", "leave", "quit", "exit", "nick", "ping", "pong", "ack", "list", "users", "who", "kick", "private"),
    *("public", "msg", "broadcast", "whisper", "admin", "shutdown", "stop", "type", "content", "username", "null", "0"),
    *("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "prototype", "__class__", "undefined", "*"),
)
_STRAY = (b"\xff", b"\xfe", b"\xe9", b"\x80", b"\xc0\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80")
_STRAY_LONG = (b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\xf0\x9f\x99", b"\xc3")
_LONE = (rb"\ud800", rb"\uDBFF", rb"\udc00", rb"\udfff", rb"\ude00\ud83d", rb"\ud83d\ud83d\ude00", rb"\ud83d\u0041")

_LENIENT: Mapping[str, Callable[[bytes], bytes]] = {
    "NaN": lambda frame: frame[:-1] + b',"x":NaN}',
    "Infinity": lambda frame: frame[:-1] + b',"x":-Infinity}',
    "comma last": lambda frame: frame[:-1] + b",}",
    "comma last in an array": lambda frame: frame[:-1] + b',"x":[1,]}',
    "two commas": lambda frame: frame.replace(b",", b",,", 1),
    "comment inside": lambda frame: frame[:-1] + b"/* x */}",
    "comment last": lambda frame: frame + b" // x",
    "hash comment last": lambda frame: frame + b" # x",
    "comment first": lambda frame: b"/* x */" + frame,
    "single quotes": lambda frame: frame.replace(b'"', b"'"),
    "names without quotes": lambda frame: re.sub(rb'"(\w+)":', rb"\1:", frame),
    "value without quotes": lambda frame: frame.replace(b'"<word>"', b"<word>"),
    "no colon": lambda frame: frame.replace(b":", b" ", 1),
    "leading zero": lambda frame: frame[:-1] + b',"x":01}',
    "plus sign": lambda frame: frame[:-1] + b',"x":+1}',
    "hexadecimal": lambda frame: frame[:-1] + b',"x":0x10}',
    "point last": lambda frame: frame[:-1] + b',"x":1.}',
    "point first": lambda frame: frame[:-1] + b',"x":.5}',
    "Python's words": lambda frame: frame[:-1] + b',"x":True}',
    "literal in capitals": lambda frame: frame[:-1] + b',"x":NULL}',
    "raw tab": lambda frame: frame.replace(b"<word>", b"<word>\tb"),
    "raw CR": lambda frame: frame.replace(b"<word>", b"<word>\rb"),
    "raw NUL": lambda frame: frame.replace(b"<word>", b"<word>\0b"),
    "raw U+001F": lambda frame: frame.replace(b"<word>", b"<word>\x1fb"),
    "unknown escape": lambda frame: frame.replace(b"<word>", rb"<word>\x41"),
    "escape of a quote": lambda frame: frame.replace(b"<word>", rb"<word>\'"),
    "escape not hexadecimal": lambda frame: frame.replace(b"<word>", rb"<word>\u00g0"),
    "escape cut short": lambda frame: frame.replace(b"<word>", rb"<word>\u41"),
    "text after it": lambda frame: frame + b" x",
    "brace after it": lambda frame: frame + b"}",
    "comma after it": lambda frame: frame + b",",
    "NUL after it": lambda frame: frame + b"\0",
    "another after it": lambda frame: frame + frame,
    "another after a space": lambda frame: frame + b" " + frame,
    "text before it": lambda frame: b"x" + frame,
    "form feed first": lambda frame: b"\x0c" + frame,
    "vertical tab last": lambda frame: frame + b"\x0b",
    "no-break space first": lambda frame: b"\xc2\xa0" + frame,
}
"""By name, how to make of a message what only lenient parsers take."""

_JUNK = (
    *(b"<word>", b"{<word>}", b"GET /<word> HTTP/1.1", b"/quit", b"<word>:", b'"<word>', b"[1,2", b"[", b"\0", b"\x0b"),
    *(b"\x0c\r", b"\x1b[2J", b"'", b",", b":", b"-", b"\\"),
)
_INSIDE = ("__proto__", "data", "message")
"""Members whose own members must not stand in for those of the message."""
_NOT_OBJECTS = (b'"<word>"', b'["<word>"]', b"[]", b"12", b"0", b"-1.5e3", b"true", b"false", b"null", b'""', b"[{}]")


def near_json(kind: str) -> Iterator[Act]:
    """Yield a message of a type as only lenient parsers take it (ERROR-6), and cut off at each place (ERROR-1)."""
    frame = encoded(valid(kind))
    for label, bend in _LENIENT.items():
        yield act(kind, "", f"near-JSON: {label}", bend(frame))
    for place in (found.end() for found in re.finditer(rb'["{:,]', frame)):
        yield act(kind, "", f"cut off: {shown(frame[:place])}", frame[:place])
    yield act(kind, "", "no brace first", frame[1:])


def not_text(kind: str) -> Iterator[Act]:
    """Yield messages with bytes that are not UTF-8 (ERROR-5), or lone surrogates (ERROR-7), at each place."""
    frame = encoded(valid(kind))
    for member, value in {key: value for key, value in valid(kind).items() if key != "type"}.items():
        for bad in (*_STRAY, *_STRAY_LONG, *_LONE):
            broken = b'"%s"' % (value.encode() + bad)
            yield act(kind, member, f"ends with {shown(bad)}", frame.replace(b'"%s"' % value.encode(), broken))
    for bad in (_STRAY[0], _STRAY[4], *_LONE[:3:2]):
        yield act(kind, "", f"added name {shown(bad)}", frame[:-1] + b',"%s":1}' % bad)
        yield act(kind, "", f"added text {shown(bad)}", frame[:-1] + b',"x":"%s","y":"z"}' % bad)
        yield act(kind, "", f"added text {shown(bad)}, deep", frame[:-1] + b',"x":[{"y":"%s"}]}' % bad)


def duplicates(kind: str) -> Iterator[Act]:
    """Yield messages with one member name twice (ERROR-8)."""
    frame = encoded(valid(kind))
    other = {"type": "join", "content": "<word>b", "target": "<other>", "username": "<word>b"}
    for member, value in valid(kind).items():
        for label, second in {"same": value, "other": other[member], "null": None}.items():
            again = encoded({member: second})[1:-1]
            yield act(kind, member, f"twice, {label} value", b"%s,%s}" % (frame[:-1], again))
            yield act(kind, member, f"twice, {label} value first", b"{%s,%s" % (again, frame[1:]))
        escaped = b'"\\u%04x%s' % (ord(member[0]), encoded({member: other[member]})[3:-1])
        yield act(kind, member, "twice, once escaped", b"%s,%s}" % (frame[:-1], escaped))
    for extra in (b'"x":1,"x":2', b'"x":{"a":1,"a":1}', b'"x":[{"a":"<word>","a":""}]', b'"":1,"":1'):
        yield act(kind, "", f"added twice: {shown(extra)}", b"%s,%s}" % (frame[:-1], extra))


def _not_objects() -> Iterator[Act]:
    inner = encoded(valid("message"))
    texts = (*_NOT_OBJECTS, b"[%s]" % inner, b"[[%s]]" % inner, b"[%s,%s]" % (inner, inner), encoded(inner.decode()))
    yield from (act("", "", f"no object: {shown(text)}", text) for text in texts)


def _wrong_types() -> Iterator[Act]:
    for kind in CLIENT_TYPES:
        body = {member: value for member, value in valid(kind).items() if member != "type"}
        near = (kind.upper(), kind.title(), f" {kind}", f"{kind} ", f"{kind}\0", f"\t{kind}", f"{kind}\n", f"{kind}s")
        nearer = (kind[:-1], kind.replace("_", "-"), kind.replace("_", ""), chr(ord(kind[0]) + 0xFEE0) + kind[1:])
        for text in (each for each in (*near, *nearer) if each != kind):
            yield act(kind, "type", shown(text), encoded({"type": text} | body))
        for label, value in not_texts(kind).items():
            yield act(kind, "type", label, encoded({"type": value} | body))
        yield act(kind, "type", "missing", encoded(body))
        for name in ("Type", "TYPE", "type ", "typ", "kind", "\0type"):
            yield act(kind, "type", f"named {shown(name)}", encoded({name: kind} | body))
        for name in _INSIDE:
            yield act(kind, "type", f"inside {name}", encoded(body | {name: {"type": kind}}))
    everything = {"username": "<word>", "target": "<present>", "content": "<word>", "message": "<word>"}
    for text in _UNKNOWN_TYPES:
        yield act("", "type", f"unknown: {shown(text)}", encoded({"type": text} | everything))
    yield from (act("", "", f"no type: {shown(each)}", encoded(each)) for each in ({}, {"message": valid("message")}))


def _server_types() -> Iterator[Act]:
    """Yield what only servers send, valid in their direction, about people present (ERROR-9)."""
    people = {"username": "<present>", "sender": "<present>", "target": "<present>", "content": "<word>"}
    values = {"username": "<present>", "timestamp": "12:34:56", "code": "username_taken"}
    for kind in SERVER_TYPES:
        members = members_of(Direction.SERVER, kind).definitions.items()
        full = {member: values.get(form, "<word>") if form else True for member, form in members}
        for label, message in {"as servers send it": full, "with people": full | people, "bare": {}}.items():
            yield act(kind, "", label, encoded({"type": kind} | message))
        for text in ("<present> left the chat", "<present> joined the chat", "<word> joined the chat"):
            message = full | ({"message": text} if "message" in full else {"content": text})
            yield act(kind, "", text, encoded({"type": kind} | message))
    sent = {"type": "private_message", "sender": "<present>", "content": "<word>", "timestamp": "12:34:56"}
    yield act("private_message", "", "as servers send it", encoded(sent))


def wrong_members(kind: str) -> Iterator[Act]:
    """Yield messages with one member missing, misspelt, of a wrong type, or out of its limits (ERROR-4)."""
    message = valid(kind)
    for member, text in {key: value for key, value in message.items() if key != "type"}.items():
        wrong: dict[str, Any] = {**not_texts(text), "empty": ""}
        for label, value in wrong.items():
            yield act(kind, member, label, encoded(message | {member: value}))
        rest = {key: value for key, value in message.items() if key != member}
        yield act(kind, member, "missing", encoded(rest))
        for name in (member.title(), member.upper(), f"{member} ", member[:-1], f"{member}\0"):
            yield act(kind, member, f"named {shown(name)}", encoded(rest | {name: text}))
        for name in _INSIDE:
            yield act(kind, member, f"inside {name}", encoded(rest | {name: {member: text}}))
    yield act(kind, "", "with nothing else", encoded({"type": kind}))
    if "target" in message:  # whether it may be sent at all does not depend on who gets it
        for who, (label, value) in itertools.product(("<word>", "<own>"), {"empty": "", "null": None, "7": 7}.items()):
            yield act(kind, "content", f"{label}, to {who}", encoded(message | {"target": who, "content": value}))


def _wrong_targets() -> Iterator[Act]:
    """Yield private messages to what is no name; a server that trims or strips would deliver them."""
    for name in invalid_names():
        target = name.replace("<word>", "<present>")
        yield act("private_message", "target", shown(target), encoded(valid("private_message") | {"target": target}))


def _overlong() -> Iterator[Act]:
    """Yield frames that are too long (FRAME-5): valid otherwise, or not; nothing complete stands before their end."""
    for kind in (*MESSAGES, "join"):
        yield from sized_acts(kind, CLIENT_FRAME_BYTES + 1)
    frame = encoded(valid("message")).replace(b"<word>", b"<word>" + b"x" * 30)
    for size in (2000, 4096, 8192, 8193, 16_384, 65_000):
        yield act("message", "content", f"{size} bytes", frame, "long", size)
    padded = b"{" + b" " * 30 + encoded(valid("private_message"))[1:]
    for size in (CLIENT_FRAME_BYTES + 1, 3000):
        yield act("private_message", "", f"{size} bytes with spaces inside", padded, "long", size)
        yield act("message", "", f"{size} bytes with spaces first", b" " * 30 + encoded(valid("message")), "long", size)
    frames = {"junk": b"<word>" + b"x" * 30, "zeros": b"\0" * 30, "arrays": b"[" * 30, "not UTF-8": b"\xff" * 30}
    for label, pattern in frames.items():
        for size in (CLIENT_FRAME_BYTES + 1, 5000):
            yield act("", "", f"{size} bytes of {label}", pattern, "long", size)


def refused_acts() -> dict[str, tuple[Act, ...]]:
    """Return acts by kind that get an error in any state; duplicate names only SHOULD (ERROR-8).

    What is not JSON or no text is like a private message here, which may leak; the test vectors have public ones.
    """
    return {
        "not JSON": tuple(act("", "", f"not JSON: {shown(junk)}", junk) for junk in _JUNK),
        "near-JSON": tuple(near_json("private_message")),
        "not text": tuple(not_text("private_message")),
        "duplicates": tuple(duplicates("private_message")),
        "no object": tuple(_not_objects()),
        "wrong types": tuple(_wrong_types()),
        "server types": tuple(_server_types()),
        "wrong members": tuple(one for kind in CLIENT_TYPES for one in wrong_members(kind)),
        "wrong targets": tuple(_wrong_targets()),
        "too long": tuple(_overlong()),
    }
