"""Frames and names as a report shows them: short, and safe on a terminal."""

import json

_SHOWN = 60
_FRAME_SHOWN = 160
MOST_LISTED = 3
"""How many items a sentence lists before it only counts them."""


def quoted(text: str, limit: int = _SHOWN) -> str:
    """Return a text in quotes, its control and non-ASCII characters escaped, its middle left out where it is long."""
    return json.dumps(_shortened(text, limit))


def shown_frame(frame: bytes, limit: int = _FRAME_SHOWN) -> str:
    """Return a frame's bytes as one line: text where it is UTF-8 that a terminal can show, else escaped."""
    try:
        text = frame.decode("utf-8")
    except UnicodeDecodeError:
        text = frame.decode("latin-1")
        return "bytes " + _shortened(text, limit).encode("unicode_escape").decode("ascii")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in _shortened(text, limit))


def listed(items: list[str], limit: int = MOST_LISTED) -> str:
    """Return a few items as a list for a sentence, and how many more there are."""
    more = f" and {len(items) - limit} more" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = (limit - 10) // 2
    return f"{text[:half]}…({len(text) - 2 * half} more)…{text[-half:]}"
