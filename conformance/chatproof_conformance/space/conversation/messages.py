"""Valid messages of a server, one of each type."""

import time
from typing import Any

from chatproof_schemas import Direction, members_of, message_types

ServerMessage = dict[str, Any]

TIME = "14:30:25"
"""The time of day in all that the server says."""
TYPES = message_types(Direction.SERVER)
TEXTS = ("message", "private_message", "private_confirmation", "system", "server")
"""The types whose text is shown as it is."""


def completed(message: ServerMessage) -> ServerMessage:
    """Return a message with the time and the delivery, if its type has them and none is given."""
    if message.get("type") == "private_confirmation":
        message = {"delivered": True, **message}
    return message if message.get("type") == "error" else {"timestamp": time.strftime("%H:%M:%S"), **message}


def valid_message(kind: str, text: str, who: str = "bob") -> ServerMessage:
    """Return a valid message of a type, with this content or text."""
    values = {"username": who, "content": text, "text": text, "timestamp": TIME, "code": "invalid_message"}
    members = members_of(Direction.SERVER, kind)
    given = {
        name: values.get(definition, True)
        for name, definition in members.definitions.items()
        if name in members.required or definition == "code"
    }
    return {"type": kind, **given}
