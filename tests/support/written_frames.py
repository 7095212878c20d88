"""Frames as any writer might write them, valid and nearly valid: made from the schemas, by repeatable chance."""

import json
import random

from chatproof_schemas import Direction, load_schema, message_types

EXAMPLES = [
    (direction, example)
    for direction in Direction
    for name in message_types(direction)
    for example in load_schema(f"{direction.value}/{name}")["examples"]
]
TEXTS = [
    "hi",
    "é",
    "😀",
    'a"b',
    "back\\slash",
    "{}",
    "a\x00b",
    "\u2028",
    "",
    " x",
    "x ",
    "a\u200b",
    "x" * 33,
    "\ud83d",
    "e\u0301",
]
VALUES = [
    *TEXTS,
    *TEXTS,
    None,
    True,
    0,
    -1.5,
    10**25,
    [],
    {},
    ["a", {"a": 1}],
    {"a": {"b": []}},
    "24:00:00",
    "14:30:25",
]
NAMES = ["id", "at", "by", "type", "content", "username", "target", "message", "timestamp", "", "é", 'a"b', "typ"]
SPACES = ["", "", "", " ", "\t", "  ", "\r"]
PIECES = [*(bytes([byte]) for byte in b'{}[]:,"\\01-+.eEntu \t\r\x00\x7f\xff\xc3\xed'), b"\\u", b"\\ud83d", b"\\ude00"]
PIECES += [
    b'"a":1,',
    b',"a":1',
    b"NaN",
    b"null",
    b"1e400",
    b"\xf0\x9f\x99\x82",
    b"\xef\xbb\xbf",
    b'"type":',
    b"01",
    b"-",
]


def frames(count, seed=26):
    """Yield directions and frames without LF."""
    chance = random.Random(seed)
    for _ in range(count):
        direction, example = chance.choice(EXAMPLES)
        members = list(example.items())
        more = range(chance.choice((0, 0, 0, 1, 2, 6)))
        members += [(chance.choice(NAMES), chance.choice(VALUES)) for _ in more]
        for place in range(len(members)):
            if chance.random() < 0.08:
                members[place] = (members[place][0], chance.choice(VALUES))
        if chance.random() < 0.5:
            chance.shuffle(members)
        if chance.random() < 0.05:
            members.pop()
        frame = written(members, chance)
        yield direction, damaged(frame, chance) if chance.random() < 0.3 else frame


def written(members, chance):
    """Return members as a JSON object in UTF-8, each token in some spelling of it."""
    gaps = SPACES if chance.random() < 0.5 else [chance.choice(SPACES)]
    parts = [
        f"{gap(chance, gaps)}{string(name, chance)}{gap(chance, gaps)}:{gap(chance, gaps)}{value_of(value, chance)}"
        for name, value in members
    ]
    text = f"{gap(chance, gaps)}{{{(gap(chance, gaps) + ',').join(parts)}{gap(chance, gaps)}}}{gap(chance, gaps)}"
    return text.encode("utf-8", "surrogatepass")


def gap(chance, gaps):
    return chance.choice(gaps)


def value_of(value, chance):
    return string(value, chance) if isinstance(value, str) else json.dumps(value, ensure_ascii=chance.random() < 0.5)


def string(text, chance):
    """Return a JSON string; seldom, characters that need none are escapes."""
    if chance.random() < 0.9:
        return json.dumps(text, ensure_ascii=chance.random() < 0.5)
    units = text.encode("utf-16-be", "surrogatepass")
    escapes = (f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))
    return f'"{"".join(escapes)}"'


def damaged(frame, chance):
    """Return a frame in which some bytes are others, missing, or more."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(frame) + 1)
        frame = frame[:at] + chance.choice((b"", *PIECES)) + frame[at + chance.randrange(3) :]
    return frame.replace(b"\n", b" ")
