"""All schemas in one file, for tools that want a single document; its verdicts are those of the separate files."""

from typing import Any

from chatproof_schemas.generate.local import BASE, definition, message_definitions, shared_definitions
from chatproof_schemas.schemas import Direction

NAME = "chatproof.bundle"
_DEFINITIONS = "#/$defs/"


def bundled_schema() -> dict[str, Any]:
    """Return the one schema.

    ``#/$defs/client`` and ``#/$defs/server`` are its entry points, for the messages of either direction; the schema
    itself takes a message of any.
    """
    unions = {direction.value: definition(direction.value, _DEFINITIONS) for direction in Direction}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}/{NAME}.schema.json",
        "title": "Any message of the TCP chat protocol, version 1",
        "description": "Generated from the files beside it. Use #/$defs/client or #/$defs/server for one direction.",
        "anyOf": [{"$ref": _DEFINITIONS + name} for name in unions],
        "$defs": {**unions, **dict(message_definitions(_DEFINITIONS)), **shared_definitions(_DEFINITIONS)},
    }
