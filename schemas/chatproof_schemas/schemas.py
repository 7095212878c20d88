"""Loads the JSON Schema files of the protocol, each once."""

import enum
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


class Direction(str, enum.Enum):
    """Who sends a message: two types share a name across the directions with different members."""

    CLIENT = "client"
    """From client to server."""
    SERVER = "server"
    """From server to client."""


@functools.cache
def load_schema(name: str) -> dict[str, Any]:
    """Return a schema by its path without the ending: ``common``, ``client``, ``server/private_confirmation``.

    Raises:
        FileNotFoundError: if there is no such schema.
    """
    text = files("chatproof_schemas").joinpath(f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@functools.cache
def message_types(direction: Direction) -> tuple[str, ...]:
    """Return the names of the types that may be sent in a direction, in the order of the union schema."""
    return tuple(load_schema(direction.value)["properties"]["type"]["enum"])


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a message type besides ``type``, in the order of its schema.

    Attributes:
        definitions: by member, the name of its shared definition, such as ``username``; empty if it has its own.
        required: those that a valid message has.
        user: the one that holds a user's name; empty if there is none.
        text: the one that holds what is said; empty if there is none.
    """

    definitions: Mapping[str, str]
    required: tuple[str, ...]
    user: str
    text: str

    @property
    def shown(self) -> tuple[str, ...]:
        """Those that a person sees: the user and what is said."""
        return tuple(filter(None, (self.user, self.text)))


@functools.cache
def members_of(direction: Direction, name: str) -> Members:
    """Return the members of a message type: who lists them by hand would forget the next one.

    Raises:
        FileNotFoundError: if there is no such type in that direction.
    """
    schema = load_schema(f"{direction.value}/{name}")
    definitions = {
        member: rules.get("$ref", "").rpartition("/")[2]
        for member, rules in schema["properties"].items()
        if member != "type"
    }
    required = tuple(member for member in definitions if member in schema["required"])
    user = next((member for member in required if definitions[member] == "username"), "")
    text = next((member for member in required if definitions[member] in ("content", "text")), "")
    return Members(definitions, required, user, text)


@functools.cache
def resolved_schema(direction: Direction, name: str) -> dict[str, Any]:
    """Return the schema of a type with each shared definition in its reference's place: looking them up costs time."""
    shared = load_schema("common")["$defs"]
    schema = load_schema(f"{direction.value}/{name}")
    resolved: dict[str, Any] = with_references(schema, lambda reference: shared[reference.rpartition("/")[2]])
    return resolved


def with_references(schema: Any, replaced: Callable[[str], Any]) -> Any:
    """Return a schema in which ``replaced``, called with the target, stands for each object with a reference."""
    if isinstance(schema, list):
        return [with_references(item, replaced) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return replaced(schema["$ref"])
    return {name: with_references(value, replaced) for name, value in schema.items()}
