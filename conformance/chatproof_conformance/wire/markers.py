"""Markers of fences: public messages by which the harness shows that nothing else comes. A recording notes them."""

import json
from collections.abc import Collection, Iterable

from chatproof_schemas.transcript import Event, Kind

_NOTE = b"marker of a fence: "
"""How the note begins that a recording has before each marker; the marker's content follows."""


def marker_note(content: str) -> bytes:
    """Return the note for a marker with this content."""
    return _NOTE + content.encode()


def marker_contents(events: Iterable[Event]) -> frozenset[str]:
    """Return the contents of the markers that a recording notes; none if nobody noted any."""
    notes = (event.data for event in events if event.kind is Kind.NOTE)
    return frozenset(note.removeprefix(_NOTE).decode("utf-8", "replace") for note in notes if note.startswith(_NOTE))


def is_marker(line: bytes, contents: Collection[str]) -> bool:
    """Whether a frame is a marker on its way there or back, or a line of a driver reports that it is shown."""
    try:
        message = json.loads(line) if contents else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(message, dict) or "message" not in (message.get("type"), message.get("kind")):
        return False
    return isinstance(content := message.get("content"), str) and content in contents
