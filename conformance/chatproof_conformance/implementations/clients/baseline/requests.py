"""Reads requests as they arrive on standard input, and writes events."""

import json
import sys
from typing import Any

from baseline.client import Client


def take_request(client: Client, line: bytes) -> None:
    """Hand one line to a client; one that cannot be read is answered, a blank one ignored."""
    if not line.strip():
        return
    try:
        client.do(json.loads(line))
    except (ValueError, TypeError, AttributeError) as error:
        client.report("invalid_request", reason=str(error) or "no request")


def write_event(event: dict[str, Any]) -> None:
    """Write one event as a line of standard output."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
