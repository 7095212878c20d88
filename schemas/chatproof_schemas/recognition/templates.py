"""The template of a message: all of its text but the values. Most writers write all messages of a type by the same one.

What is hard to judge, such as whether a name stands twice in some nested object, depends on the template alone. So a
parser judges it once, and a regular expression takes every further message of that writer.
"""

import json
import re

from chatproof_schemas.recognition.strings import ANY_SCALAR, ANY_TEXT, is_any_text, rules_of
from chatproof_schemas.schemas import Direction, load_schema

_MOST_VALUES = 8
_MOST_BYTES = 256
"""What a template may have besides its values: a longer one would take long to compile, and much memory."""

_TOKEN = re.compile(
    rb"""(?P<gap>[ \t\r]+) | (?P<open>[{\[]) | (?P<close>[}\]]) | (?P<mark>[:,])
    | (?P<name>"(?:[^"\\]|\\.)*"(?=[ \t\r]*:)) | (?P<scalar>"(?:[^"\\]|\\.)*"|[^"{}\[\]:, \t\r]+)""",
    re.VERBOSE,
)


def template_of(frame: bytes, direction: Direction, name: str) -> bytes | None:
    """Return a regular expression of the messages that differ from this one in nothing but values.

    It takes valid messages only, if they are UTF-8, and has a group for each member that its schema lets be any text,
    in the order in which they stand. None if the template is too long, or a member has another rule.

    Args:
        frame: a valid message, without its LF.
        direction: its direction.
        name: its type.
    """
    known = load_schema(f"{direction.value}/{name}")["properties"]
    parts: list[str] = []
    literals = values = depth = 0
    member = ""
    for token in _TOKEN.finditer(frame):
        text = token[0].decode()
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        form: str | None = None
        if token.lastgroup == "name" and depth == 1:
            member = json.loads(text)
        elif token.lastgroup == "scalar":
            if depth > 1 or member not in known:
                form = ANY_SCALAR
            elif is_any_text(known[member]):
                form = f"({ANY_TEXT})"
            elif rules_of(known[member]).keys() != {"const"}:
                return None
        values += form is not None
        literals += len(token[0]) if form is None else 0
        parts.append(form or re.escape(text))
    return "".join(parts).encode() if values <= _MOST_VALUES and literals <= _MOST_BYTES else None
