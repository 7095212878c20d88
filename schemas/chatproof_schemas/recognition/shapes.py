"""The shape of a message: its type, and its members in the order in which they stand.

A line of a shape is a valid message of it: its members are those and no others, none of them is there twice, and every
value is what its schema asks for. (How long the line is, is not part of it.)
"""

import functools
from dataclasses import dataclass

from chatproof_schemas.recognition.values import value_form
from chatproof_schemas.schemas import Direction, load_schema

_SPACE = r"[ \t\r]*"
# Between tokens, writers put one space or none; what has more is left to a parser.
_GAP = " ?"


@dataclass(frozen=True, slots=True)
class Shape:
    """What lines of one writer have in common.

    Attributes:
        direction: whose message it is.
        type: of the message.
        members: the names of its members, in their order; ``type`` is one of them.
    """

    direction: Direction
    type: str
    members: tuple[str, ...]


@functools.cache
def line_form(shape: Shape) -> str | None:
    """Return a regular expression of a whole line without its LF, as :func:`spell_simply` spells it.

    It captures nothing. None where the shape is not valid by the schema, or a member's rules are not known here.
    """
    schema = load_schema(f"{shape.direction.value}/{shape.type}")
    known, names = schema["properties"], set(shape.members)
    if len(names) != len(shape.members) or not set(schema["required"]) <= names <= known.keys():
        return None
    values = [value_form(known[name]) for name in shape.members]
    if None in values:
        return None
    members = (f'"{name}"{_GAP}:{_GAP}{value}' for name, value in zip(shape.members, values, strict=True))
    return rf"{_SPACE}\{{{_GAP}" + f"{_GAP},{_GAP}".join(members) + rf"{_GAP}\}}{_SPACE}"
