"""The shape of a message: its type, and its members in the order in which they stand.

A line of a shape is a valid message of it: its members are those and no others, none of them is there twice, and every
value is what its schema asks for. (How long the line is, is not part of it.)
"""

import functools
import re
from dataclasses import dataclass
from typing import NamedTuple

from chatproof_schemas.recognition.values import value_form
from chatproof_schemas.schemas import Direction, load_schema

_SPACE = r"[ \t\r]*"


class Gaps(NamedTuple):
    """What a writer puts between tokens, as regular expressions: a space, nothing, or perhaps one."""

    at_ends: str = " ?"
    before_colon: str = " ?"
    after_colon: str = " ?"
    before_comma: str = " ?"
    after_comma: str = " ?"


ANY_GAPS = Gaps()
"""One space or none in each place, in any mixture; what has more is left to a parser."""

_FIRST_MEMBER = re.compile(rb'[ \t\r]*\{( ?)"\w+"( ?):( ?)(?:"[^"\\]*"|true|false)( ?),( ?)"')


def gaps_of(frame: bytes) -> Gaps:
    """Return the gaps around a frame's first member: most writers keep to them, so they are worth a guess."""
    found = _FIRST_MEMBER.match(frame)
    return Gaps(*(gap.decode() for gap in found.groups())) if found else ANY_GAPS


@dataclass(frozen=True, slots=True)
class Shape:
    """What lines of one writer have in common; ``type`` is one of the members, which stand in their order."""

    direction: Direction
    type: str
    members: tuple[str, ...]
    gaps: Gaps = ANY_GAPS


@functools.cache
def line_form(shape: Shape) -> str | None:
    """Return a regular expression of a whole line without its LF, in text that was decoded from UTF-8.

    It captures nothing. None if the shape is not valid by the schema, or a member's rules are not known here.
    """
    schema = load_schema(f"{shape.direction.value}/{shape.type}")
    known, names = schema["properties"], set(shape.members)
    if len(names) != len(shape.members) or not set(schema["required"]) <= names <= known.keys():
        return None
    values = [value_form(known[name]) for name in shape.members]
    if None in values:
        return None
    gaps = shape.gaps
    colon, comma = f"{gaps.before_colon}:{gaps.after_colon}", f"{gaps.before_comma},{gaps.after_comma}"
    members = comma.join(f'"{name}"{colon}{value}' for name, value in zip(shape.members, values, strict=True))
    return rf"{_SPACE}\{{{gaps.at_ends}{members}{gaps.at_ends}\}}{_SPACE}"
