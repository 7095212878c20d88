"""The schemas as definitions of one document: each under its own name there, every reference a prefix and a name."""

from collections.abc import Iterator
from typing import Any

from chatproof_schemas.schemas import Direction, load_schema, message_types, with_references

BASE = "https://chatproof.example/1"
_OF_A_FILE = ("$schema", "$id")


def shared_definitions(prefix: str) -> dict[str, Any]:
    """Return what the messages share, by name: ``username``, ``content`` and so on."""
    shared: dict[str, Any] = _localised(load_schema("common")["$defs"], prefix)
    return shared


def message_definitions(prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each message type of both directions by its name here, ``client_join``, with its schema."""
    for direction in Direction:
        for name in message_types(direction):
            yield local_name(f"{direction.value}/{name}"), definition(f"{direction.value}/{name}", prefix)


def definition(name: str, prefix: str) -> dict[str, Any]:
    """Return a schema file without what makes it a file, its references as ``prefix`` and a local name."""
    schema = {key: value for key, value in load_schema(name).items() if key not in _OF_A_FILE}
    localised: dict[str, Any] = _localised(schema, prefix)
    return localised


def local_name(target: str) -> str:
    """Return the name here of the target of a reference, or of the path of a schema.

    ``../common.schema.json#/$defs/username`` is ``username``; ``client/join.schema.json`` is ``client_join``.
    """
    file, _, inside = target.partition("#")
    return inside.rpartition("/")[2] or file.removesuffix(".schema.json").replace("/", "_")


def _localised(schema: Any, prefix: str) -> Any:
    return with_references(schema, lambda target: {"$ref": prefix + local_name(target)})
