"""The protocol as an AsyncAPI 3 document, from the schemas: what a server receives, sends, and answers with."""

from typing import Any

from chatproof_schemas.generate.local import local_name, message_definitions, shared_definitions
from chatproof_schemas.limits import CLIENT_FRAME_BYTES, SERVER_FRAME_BYTES
from chatproof_schemas.schemas import Direction

_ACTIONS = {Direction.CLIENT: "receive", Direction.SERVER: "send"}
_ANSWERS = {
    "join": ("system", "error"),
    "message": ("message", "error"),
    "private_message": ("private_confirmation", "error"),
}
"""What the sender of a message gets for it (SPEC.md, sections 6 to 10)."""

_CHANNEL = "connection"
_SCHEMAS = "#/components/schemas/"
_INFO = {
    "title": "TCP chat protocol",
    "version": "1.0.0",
    "description": "Users join under a name and send public and private messages. Written from the server's side. "
    "Generated from the JSON Schemas; SPEC.md beside this file is the normative text.",
    "license": {"name": "MIT"},
}
_SERVER = {
    "host": "localhost:12345",
    "protocol": "tcp",
    "description": "Where the reference server listens by default.",
}
_FRAMING = (
    "One TCP connection of a client. Each message is a JSON object in UTF-8 on one line that LF ends, "
    f"of at most {CLIENT_FRAME_BYTES} bytes from a client and {SERVER_FRAME_BYTES} from the server."
)


def asyncapi_document() -> dict[str, Any]:
    """Return the document; the names of its messages are those of the bundled schema: ``client_join``."""
    payloads = dict(message_definitions(_SCHEMAS))
    messages = {name: _message(name, schema) for name, schema in payloads.items()}
    return {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "defaultContentType": "application/json",
        "servers": {"reference": _SERVER},
        "channels": {_CHANNEL: _channel(messages)},
        "operations": dict(_operation(name, schema) for name, schema in payloads.items()),
        "components": {"messages": messages, "schemas": shared_definitions(_SCHEMAS)},
    }


def _channel(names: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": "A client's connection",
        "description": _FRAMING,
        "servers": [{"$ref": "#/servers/reference"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _message(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    payload = {key: value for key, value in schema.items() if key not in ("title", "description", "examples")}
    return {
        "name": name,
        "title": schema["title"],
        "summary": schema["description"],
        "payload": payload,
        "examples": [{"payload": example} for example in schema["examples"]],
    }


def _operation(name: str, schema: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    direction, _, kind = name.partition("_")
    action = _ACTIONS[Direction(direction)]
    operation: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": f"#/channels/{_CHANNEL}"},
        "title": schema["title"],
        "summary": schema["description"],
        "messages": [_carried(name)],
    }
    if direction == Direction.CLIENT.value:
        answers = [_carried(local_name(f"{Direction.SERVER.value}/{answer}")) for answer in _ANSWERS[kind]]
        operation["reply"] = {"channel": {"$ref": f"#/channels/{_CHANNEL}"}, "messages": answers}
    return f"{action}_{kind}", operation


def _carried(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{_CHANNEL}/messages/{name}"}
