"""The dissector for Wireshark, in Lua: its rules and its fields are those of the schemas."""

import re
from importlib.resources import files
from typing import Any

from chatproof_schemas.generate.lua_text import lua_text
from chatproof_schemas.limits import CLIENT_FRAME_BYTES, SERVER_FRAME_BYTES, UNENDED_FRAME_BYTES
from chatproof_schemas.schemas import Direction, load_schema, members_of, message_types, resolved_schema

NAME = "chatproof.lua"
_PORT = 12345
"""Where the reference server listens by default."""
_PLACE = "-- GENERATED\n"
_ANNOTATIONS = ("title", "description")
_KINDS = ("string", "boolean")


def dissector() -> str:
    """Return the text of the dissector.

    Raises:
        ValueError: if a schema has a rule, or a member of a kind, that the dissector cannot handle.
    """
    template = files("chatproof_schemas.generate").joinpath("dissector.lua").read_text("utf-8")
    known = set(re.findall(r"^    (?:\[\")?(\w+)(?:\"\])? = function\(value, wanted\)", template, re.MULTILINE))
    definitions = {name: _definition(schema, known) for name, schema in load_schema("common")["$defs"].items()}
    types: dict[str, dict[str, Any]] = {}
    for direction in Direction:
        of_direction = {name: _type(direction, name) for name in message_types(direction)}
        types[direction.value] = of_direction
        for name, message in of_direction.items():
            properties = resolved_schema(direction, name)["properties"]
            own = {defined: member for member, defined in message["members"].items() if defined not in definitions}
            definitions |= {defined: _definition(properties[member], known) for defined, member in own.items()}
    tables = {
        "PORT": _PORT,
        "LIMITS": {
            Direction.CLIENT.value: CLIENT_FRAME_BYTES,
            Direction.SERVER.value: SERVER_FRAME_BYTES,
            "unended": UNENDED_FRAME_BYTES,
        },
        "DEFINITIONS": definitions,
        "FIELDS": _fields(types, definitions),
        "TYPES": types,
    }
    written = "".join(f"local {name} = {lua_text(value)}\n" for name, value in tables.items())
    note = (
        "-- Generated from the JSON Schemas (python -m chatproof_schemas.generate): change those, or dissector.lua.\n\n"
    )
    return template.replace(_PLACE, note + written, 1)


def _type(direction: Direction, name: str) -> dict[str, Any]:
    """Return what the dissector needs to know of a message type: of each member the name of its definition, too."""
    members = members_of(direction, name)
    defined = {member: shared or f"{name}.{member}" for member, shared in members.definitions.items()}
    return {"required": members.required, "shown": members.shown, "members": defined}


def _definition(schema: dict[str, Any], known: set[str]) -> dict[str, Any]:
    return {"expected": schema["description"], "kind": _kind(schema), "rules": _rules(schema, known)}


def _kind(schema: dict[str, Any]) -> str:
    kind = "string" if "enum" in schema else str(schema.get("type"))
    if kind not in _KINDS:
        raise ValueError(f"a member has the type {kind}; dissector.lua handles {' and '.join(_KINDS)}")
    return kind


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


def _fields(types: dict[str, dict[str, Any]], definitions: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Return the members of all messages, each name once, with the kind of its values."""
    found: dict[str, dict[str, str]] = {}
    for message in (message for of_direction in types.values() for message in of_direction.values()):
        for name, defined in message["members"].items():
            definition = definitions[defined]
            field = {"name": name, "kind": definition["kind"], "description": definition["expected"]}
            if found.setdefault(name, field)["kind"] != definition["kind"]:
                raise ValueError(f"the member {name} has two types; dissector.lua has one field for each name")
    return list(found.values())
