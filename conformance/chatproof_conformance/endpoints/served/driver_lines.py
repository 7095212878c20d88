"""The lines between the harness and a driver (docs/driver-protocol.md): requests written, and events read."""

import json
from typing import Any

DriverEvent = dict[str, Any]


def request_line(do: str, **members: Any) -> bytes:
    """Return a request as a line without its LF: ASCII, whatever its members hold."""
    return json.dumps({"do": do, **members}).encode()


def read_event(line: bytes) -> DriverEvent | None:
    """Return the event of a line; None if it is no JSON object."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
