"""The schemas as definitions of one document: each under a name of its own, every reference to a name."""

from collections.abc import Callable, Iterator
from typing import Any

from chatproof_schemas.schemas import Direction, load_schema, message_types

BASE = "https://chatproof.example/1"
_OF_A_FILE = ("$schema", "$id")


def shared_definitions(reference: Callable[[str], str]) -> dict[str, Any]:
    """Return what the messages share, by name: ``username``, ``content`` and so on."""
    shared: dict[str, Any] = _localised(load_schema("common")["$defs"], reference)
    return shared


def message_definitions(direction: Direction, reference: Callable[[str], str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each message type of a direction as it is named here, ``client_join``, with its schema."""
    for name in message_types(direction):
        yield local_name(f"{direction.value}/{name}"), definition(f"{direction.value}/{name}", reference)


def definition(name: str, reference: Callable[[str], str]) -> dict[str, Any]:
    """Return a schema file without what makes it a file, its references as ``reference`` spells a local name."""
    schema = {key: value for key, value in load_schema(name).items() if key not in _OF_A_FILE}
    localised: dict[str, Any] = _localised(schema, reference)
    return localised


def local_name(target: str) -> str:
    """Return the name here of what a reference, or the path of a schema, leads to.

    ``../common.schema.json#/$defs/username`` is ``username``; ``client/join.schema.json`` is ``client_join``.
    """
    file, _, inside = target.partition("#")
    return inside.rpartition("/")[2] or file.removesuffix(".schema.json").replace("/", "_")


def _localised(value: Any, reference: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_localised(item, reference) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: reference(local_name(item)) if key == "$ref" else _localised(item, reference)
        for key, item in value.items()
    }
