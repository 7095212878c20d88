"""Judges the members of a message by the few rules that the schemas use, if that is sure to agree with a validator.

A validator of any schema takes longer to begin than a short log to be judged, and longer for a message than its parser.
"""

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from chatproof_schemas.schemas import Direction, resolved_schema

_ANNOTATIONS = {"$schema", "$id", "title", "description", "examples", "$comment"}
_TYPES = {"string": str, "boolean": bool}
_SCALARS = (str, bool, int, float, type(None))


class Violation(NamedTuple):
    """A rule that a message breaks.

    Attributes:
        member: the name of the member at fault; empty if it is the message.
        rule: the keyword, such as ``maxLength``.
        schema: the one that has the keyword.
    """

    member: str
    rule: str
    schema: dict[str, Any]
    value: Any


def find_violations(message: dict[str, Any], direction: Direction, name: str) -> tuple[Violation, ...] | None:
    """Return the rules of a type that a message breaks, in a validator's order; None if only that can decide.

    It must for a schema with rules that are not known here, and for members that hold objects or arrays.
    """
    schema = resolved_schema(direction, name)
    properties = schema["properties"]
    if not _is_known(direction, name) or not all(isinstance(message.get(member), _SCALARS) for member in properties):
        return None
    broken = [
        Violation(member, *found)
        for member, rules in properties.items()
        if member in message
        for found in _broken(rules, message[member])
    ]
    if not message.keys() >= set(schema["required"]):
        broken.append(Violation("", "required", schema, message))
    return tuple(broken)


def _broken(schema: dict[str, Any], value: Any) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for rule, wanted in schema.items():
        if rule == "allOf":
            for part in wanted:
                yield from _broken(part, value)
        elif rule not in _ANNOTATIONS and not _CHECKS[rule](value, wanted):
            yield rule, schema, value


def _keeps(value: Any, schema: dict[str, Any]) -> bool:
    return next(_broken(schema, value), None) is None


_CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, wanted: isinstance(value, _TYPES[wanted]),
    "const": lambda value, wanted: bool(value == wanted),
    "enum": lambda value, wanted: value in wanted,
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "maxLength": lambda value, wanted: not isinstance(value, str) or len(value) <= wanted,
    "pattern": lambda value, wanted: not isinstance(value, str) or re.search(wanted, value) is not None,
    "not": lambda value, wanted: not _keeps(value, wanted),
}


@functools.cache
def _is_known(direction: Direction, name: str) -> bool:
    """Return whether all rules of a type's schema are known here, in the order in which they are looked at here."""
    schema = resolved_schema(direction, name)
    rules = [rule for rule in schema if rule not in _ANNOTATIONS]
    return rules == ["type", "properties", "required"] and all(map(_is_plain, schema["properties"].values()))


def _is_plain(schema: dict[str, Any]) -> bool:
    return all(rule in _ANNOTATIONS or _is_plain_rule(rule, wanted) for rule, wanted in schema.items())


def _is_plain_rule(rule: str, wanted: Any) -> bool:
    if rule == "allOf":
        return all(map(_is_plain, wanted))
    if rule == "not":
        return _is_plain(wanted)
    if rule in ("const", "enum"):
        return all(isinstance(value, str) for value in ([wanted] if rule == "const" else wanted))
    return wanted in [*_TYPES] if rule == "type" else rule in _CHECKS
