"""Values that are no text, or no text of a known type, derived from the schemas."""

import re
from collections.abc import Mapping
from typing import Any

from chatproof_schemas import Direction, load_schema, members_of, message_types

CLIENT_TYPES = message_types(Direction.CLIENT)
"""The types that clients send."""

SERVER_TYPES = tuple(name for name in message_types(Direction.SERVER) if name not in CLIENT_TYPES)
"""The types that only servers send."""


def valid(kind: str) -> dict[str, Any]:
    """Return a valid message of a type, as a pattern: names are people's, texts are words."""
    definitions = members_of(Direction.CLIENT, kind).definitions
    return {"type": kind} | {member: "<present>" if member == "target" else "<word>" for member in definitions}


def not_texts(text: str) -> Mapping[str, Any]:
    """Return by name a value of each JSON type but string; those that hold a value hold this text."""
    return {
        "null": None,
        "true": True,
        "false": False,
        "0": 0,
        "a number": 7,
        "a negative number": -1,
        "a fraction": 1.5,
        "an empty array": [],
        "an array of the value": [text],
        "an array of an array of the value": [[text]],
        "an array of the value twice": [text, text],
        "an empty object": {},
        "an object with the value": {"value": text},
        "an object that prints as the value": {"toString": text, "length": 1},
    }


def forbidden_ranges() -> tuple[tuple[int, int], ...]:
    """Return the code points that no name holds as ranges, first and last, in their order (SPEC.md, section 3)."""
    rules = load_schema("common")["$defs"]["username"]["allOf"]
    patterns = "".join(rule["not"]["pattern"] for rule in rules)
    found = re.findall(r"\\u([0-9A-F]{4})(?:-\\u([0-9A-F]{4}))?", patterns)
    return tuple(sorted((int(first, 16), int(last or first, 16)) for first, last in found))


def forbidden_edges() -> tuple[str, ...]:
    """Return the first and the last character of each forbidden range, and one that splits lines in most languages."""
    return tuple(dict.fromkeys(chr(code) for ends in ((10, 10), (13, 13), *forbidden_ranges()) for code in ends))


def allowed_neighbours() -> tuple[str, ...]:
    """Return the characters next to a forbidden range that names may hold, except the space."""
    ranges = forbidden_ranges()
    beside = {code for first, last in ranges for code in (first - 1, last + 1)} - {-1, 0x20}
    return tuple(chr(code) for code in sorted(beside) if not any(first <= code <= last for first, last in ranges))
