"""Frames and names as a report shows them: short, and safe on a terminal."""

from chatproof_common import printable

_SHOWN = 60
_FRAME_SHOWN = 160
_BLANK = b" \t\r"
MOST_LISTED = 3
"""How many items a sentence lists before it only counts them."""


def quoted(text: str, limit: int = _SHOWN) -> str:
    """Return a text in quotes, its control and non-ASCII characters escaped, its middle left out if it is long."""
    return printable.quoted(text, limit, ascii_only=True, shorten=printable.shortened_inside)


def shown_frame(frame: bytes, limit: int = _FRAME_SHOWN) -> str:
    """Return a frame's bytes as one line: text if it is UTF-8 that a terminal can show, else escaped; never nothing."""
    if not frame.strip(_BLANK):  # U+000B and the like are white space to Python, and not to JSON
        return f'"{printable.printable(frame.decode())}" (white space alone)' if frame else "(blank line)"
    try:
        text = frame.decode("utf-8")
    except UnicodeDecodeError:
        text = frame.decode("latin-1")
        return "bytes " + printable.shortened_inside(text, limit).encode("unicode_escape").decode("ascii")
    return printable.printable(printable.shortened_inside(text, limit))


def shortened_line(text: str) -> str:
    """Return printable text with the middle of a long one left out, as :func:`shown_frame` does."""
    return printable.shortened_inside(text, _FRAME_SHOWN)


def listed(items: list[str], limit: int = MOST_LISTED) -> str:
    """Return a few items as a list for a sentence, and how many more there are."""
    more = f" and {len(items) - limit} more" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more
