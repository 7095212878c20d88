"""Loads the JSON Schema files of the protocol, each once."""

import enum
import functools
import json
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
        FileNotFoundError: where there is no such schema.
    """
    text = files("chatproof_schemas").joinpath(f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@functools.cache
def message_types(direction: Direction) -> tuple[str, ...]:
    """Return the names of the types that may be sent in a direction, in the order of the union schema."""
    return tuple(load_schema(direction.value)["properties"]["type"]["enum"])


@functools.cache
def resolved_schema(direction: Direction, name: str) -> dict[str, Any]:
    """Return the schema of a type with each shared definition in its reference's place: looking them up costs time."""
    schema: dict[str, Any] = _resolved(load_schema(f"{direction.value}/{name}"))
    return schema


def _resolved(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_resolved(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return load_schema("common")["$defs"][schema["$ref"].rpartition("/")[2]]
    return {name: _resolved(value) for name, value in schema.items()}
