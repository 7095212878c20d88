"""The dissector for Wireshark, in Lua: its rules and its fields are those of the schemas."""

import re
from importlib.resources import files
from typing import Any

from chatproof_schemas.generate.lua_text import lua_text
from chatproof_schemas.limits import CLIENT_FRAME_BYTES, SERVER_FRAME_BYTES, UNENDED_FRAME_BYTES
from chatproof_schemas.schemas import Direction, members_of, message_types, resolved_schema

NAME = "chatproof.lua"
_PORT = 12345
"""Where the reference server listens by default."""
_PLACE = "-- GENERATED\n"
_ANNOTATIONS = ("title", "description")
_FIELD_TYPES = ("string", "boolean")


def dissector() -> str:
    """Return the text of the dissector.

    Raises:
        ValueError: if a schema has a rule, or a member of a kind, that the dissector cannot handle.
    """
    template = files("chatproof_schemas.generate").joinpath("dissector.lua").read_text("utf-8")
    known = set(re.findall(r"^    (?:\[\")?(\w+)(?:\"\])? = function\(value, wanted\)", template, re.MULTILINE))
    types = {
        direction.value: {name: _type(direction, name, known) for name in message_types(direction)}
        for direction in Direction
    }
    tables = {
        "PORT": _PORT,
        "LIMITS": {
            Direction.CLIENT.value: CLIENT_FRAME_BYTES,
            Direction.SERVER.value: SERVER_FRAME_BYTES,
            "unended": UNENDED_FRAME_BYTES,
        },
        "MEMBERS": _fields(types),
        "TYPES": types,
    }
    written = "".join(f"local {name} = {lua_text(value)}\n" for name, value in tables.items())
    note = (
        "-- Generated from the JSON Schemas (python -m chatproof_schemas.generate): change those, or dissector.lua.\n\n"
    )
    return template.replace(_PLACE, note + written, 1)


def _type(direction: Direction, name: str, known: set[str]) -> dict[str, Any]:
    """Return what the dissector needs to know of a message type."""
    schema, members = resolved_schema(direction, name), members_of(direction, name)
    properties = {member: schema["properties"][member] for member in members.definitions}
    return {
        "required": members.required,
        "shown": members.shown,
        "members": {member: _rules(rules, known) for member, rules in properties.items()},
        "expected": {member: rules["description"] for member, rules in properties.items()},
    }


def _rules(schema: Any, known: set[str]) -> Any:
    """Return the rules of a schema, in those words that the dissector knows, and in its kind of regular expressions."""
    if isinstance(schema, list):
        return [_rules(part, known) for part in schema]
    if not isinstance(schema, dict):
        return schema
    rules = {rule: wanted for rule, wanted in schema.items() if rule not in _ANNOTATIONS}
    if unknown := rules.keys() - known:
        raise ValueError(f"dissector.lua has no function for {', '.join(sorted(unknown))}; write one in its RULES")
    return {rule: _expression(wanted) if rule == "pattern" else _rules(wanted, known) for rule, wanted in rules.items()}


def _expression(pattern: str) -> str:
    """Return a regular expression of a schema as PCRE2 has it."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\x{\1}", pattern)


def _fields(types: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Return the members of all messages, each name once, with the type of its field."""
    found: dict[str, dict[str, str]] = {}
    for message in (message for of_direction in types.values() for message in of_direction.values()):
        for name, rules in message["members"].items():
            kind = "string" if "enum" in rules else rules.get("type")
            field = {"name": name, "type": kind, "description": message["expected"][name]}
            if kind not in _FIELD_TYPES or found.setdefault(name, field)["type"] != kind:
                raise ValueError(f"the member {name} has the type {kind}; dissector.lua handles one of {_FIELD_TYPES}")
    return list(found.values())
