"""What the frequent frames look like: regular expressions of whole frames, built from the schemas.

A string that must only be non-empty is taken by its JSON grammar; one with more rules is taken without escapes, and is
for the caller to judge. A frame of such a shape has exactly its members, so none is there twice.
"""

import functools
import json
import re
from typing import Any

from chatproof_schemas import Direction, load_schema, message_types
from chatproof_schemas.recognition.strings import ANY_TEXT, NOT_PLAIN, is_any_text

_SPACE = r"[ \t\r]*"


@functools.cache
def shape(name: str) -> re.Pattern[bytes]:
    """Return what a frame of a client looks like by its type, each member but ``type`` a group, in the schema's order.

    The group of a member that may be any text holds its JSON string, quotes included; that of another only its
    characters. Whether the frame is UTF-8 is not part of it.

    Raises:
        LookupError: if clients send no such type.
    """
    if name not in message_types(Direction.CLIENT):
        raise LookupError(name)
    schema = load_schema(f"client/{name}")
    members = f"{_SPACE},{_SPACE}".join(_member(member, schema["properties"][member]) for member in schema["required"])
    return re.compile(rf"{_SPACE}\{{{_SPACE}{members}{_SPACE}\}}{_SPACE}".encode())


def _member(name: str, schema: dict[str, Any]) -> str:
    if "const" in schema:
        value = json.dumps(schema["const"])
    elif is_any_text(schema):
        value = f"({ANY_TEXT})"
    else:
        value = f'"([^{NOT_PLAIN}]*)"'
    return f'"{name}"{_SPACE}:{_SPACE}{value}'
