"""Hand-written histories of a chat, as compact texts, and what the judge finds in them.

A history is a line an event: ``a>`` a sends, ``a<`` a receives, ``a!`` something happens to a's connection. ``-! note``
is 11 seconds later: by then what has no moment must have come; ``-! note 3`` is 3 seconds later. What ends in … is part
of a line.
"""

import json
from datetime import datetime, timezone

from chatproof_conformance.judges.server import judge
from chatproof_schemas.transcript import Event, Kind

AT = "12:00:00"
STARTED = datetime(2026, 1, 31, 12, 0, 0, tzinfo=timezone.utc)


def _sent(words):
    verb, _, rest = words.partition(" ")
    match verb:
        case "join":
            return {"type": "join", "username": rest}
        case "say":
            return {"type": "message", "content": rest}
        case "tell":
            target, _, content = rest.partition(" ")
            return {"type": "private_message", "target": target, "content": content}
    return None


def _received(words):
    verb, _, rest = words.partition(" ")
    first, _, second = rest.partition(" ")
    match verb:
        case "system":
            return {"type": "system", "message": rest, "timestamp": AT}
        case "server":
            return {"type": "server", "message": rest, "timestamp": AT}
        case "error":
            return {"type": "error", "message": rest}
        case "says":
            return {"type": "message", "username": first, "content": second, "timestamp": AT}
        case "tells":
            return {"type": "private_message", "sender": first, "content": second, "timestamp": AT}
        case "told" | "untold":
            confirmation = {"type": "private_confirmation", "target": first, "content": second, "timestamp": AT}
            reason = {} if verb == "told" else {"reason": "User not found"}
            return confirmation | {"delivered": verb == "told"} | reason
    return None


def history(text):
    """Return the events of a compact text."""
    events = []
    later = 0
    for number, line in enumerate(line.strip() for line in text.strip().splitlines()):
        label, sign, words = line[0], line[1], line[2:].strip()
        if sign == "!":
            kind, data = Kind(words.split(" ")[0]), words.partition(" ")[2].encode()
            label = "" if kind in (Kind.ANNOUNCE, Kind.NOTE) else label
            later += float(data or 11) if kind is Kind.NOTE else 0
        else:
            kind = Kind.CLIENT_DATA if sign == ">" else Kind.SERVER_DATA
            message = (_sent if sign == ">" else _received)(words)
            text = f"{json.dumps(message) if message else words}\n".replace("…\n", "")
            data = text.encode("utf-8", "surrogatepass")
        events.append(Event(number * 0.01 + later, label, kind, data))
    return events


def found(text, *, settled=True):
    return {finding.requirement for finding in judge(history(text), settled=settled, started=STARTED).findings}


TWO = """
a> join ann
a< system ann joined the chat
b> join bob
b< system bob joined the chat
a< system bob joined the chat
"""


def assert_found(requirement, bad, good):
    """Hold one history that breaks a requirement against the nearest one that breaks nothing, both after ``TWO``."""
    assert requirement in found(TWO + bad)
    assert found(TWO + good) == set()
