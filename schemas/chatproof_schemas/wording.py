"""Turns what a schema refuses into a problem that its author can mend."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from chatproof_common.printable import code_point, quoted
from chatproof_schemas.members import Violation
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction, message_types, resolved_schema

MISSING = "is missing"
"""What is wrong with a member that should be there."""

_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


def kind_of(value: object) -> str:
    """Return what kind of JSON value something is, for a sentence: ``an array``, ``null``."""
    return _KINDS.get(type(value), "a number")


def one_of(names: Iterable[str]) -> str:
    """Return a list of allowed values for a sentence."""
    return "one of " + ", ".join(names)


def type_problem(name: object, direction: Direction) -> Problem:
    """Return the problem of a ``type`` that is none of the direction's."""
    types = message_types(direction)
    if not isinstance(name, str):
        return Problem("invalid_message", "/type", f"is {kind_of(name)}", f"a string, {one_of(types)}")
    other = Direction.SERVER if direction is Direction.CLIENT else Direction.CLIENT
    known = f", which only a {other.value} sends" if name in message_types(other) else ""
    return Problem("unknown_type", "/type", f"is {quoted(name)}{known}", one_of(types))


def problems_of(violation: Violation, direction: Direction, name: str) -> Iterator[Problem]:
    """Yield the problems behind a broken rule of a type; two rules may have the same ones."""
    member, rule, schema, value = violation
    properties = resolved_schema(direction, name)["properties"]
    if rule == "required":
        for required in schema["required"]:
            if required not in value:
                yield Problem("invalid_message", f"/{required}", MISSING, str(properties[required]["description"]))
        return
    what, expected = _fault(rule, schema, value, properties[member])
    a_name = direction is Direction.CLIENT and name == "join" and member == "username" and isinstance(value, str)
    yield Problem("username_invalid" if a_name else "invalid_message", f"/{member}", what, expected)


def _fault(rule: str, schema: Any, value: Any, definition: Any) -> tuple[str, str]:
    description = str(definition["description"])
    if rule == "type" or not isinstance(value, str):
        return f"is {kind_of(value)}", description
    if rule == "not":
        return _forbidden(schema["not"]["pattern"], value), str(schema["title"])
    if rule in ("minLength", "maxLength") and "pattern" not in schema:
        return _length(value), _lengths(schema)
    return f"is {quoted(value)}", description


def _forbidden(pattern: str, value: str) -> str:
    found = re.search(pattern, value)
    at = found.start() if found else 0
    return f"has {code_point(value[at])} at position {at + 1}"


def _length(value: str) -> str:
    return f"is {len(value)} code points long" if value else "is empty"


def _lengths(schema: Any) -> str:
    least, most = schema["minLength"], schema.get("maxLength")
    return f"{least} to {most} code points" if most else f"at least {least} code point"
