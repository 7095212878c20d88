"""The events of a driver, as a report words them."""

from collections.abc import Sequence
from typing import Any

from chatproof_common.printable import printable, shortened
from chatproof_conformance.core.text import listed, quoted


def described(event: dict[str, Any]) -> str:
    """Return an event of a driver as a clause: ``message of bob "hi" shown``."""
    name = event.get("event", "with no event")
    words = [_word(event[member]) for member in ("kind", "do") if member in event]
    who = [f"of {quoted(str(event[member]))}" for member in ("username", "sender") if member in event]
    who += [f"to {quoted(str(event['target']))}"] if "target" in event else []
    what = [quoted(str(event[member])) for member in ("content", "message") if member in event]
    why = [f"({quoted(str(event['reason']))})"] if "reason" in event else []
    return " ".join([*words, *who, *what, _word(name), *why])


def all_described(events: Sequence[dict[str, Any]], nothing: str = "nothing") -> str:
    """Return several events as a clause, shortened."""
    return listed([described(event) for event in events]) if events else nothing


def _word(value: object) -> str:
    # A name that the protocol has stands as it is; a driver may send anything in its place.
    return printable(shortened(str(value)))
