"""Shows text from a peer to a person: short, and harmless to a terminal."""

import json
import unicodedata

_LONGEST_QUOTE = 40
_UNNAMED = {
    "\0": "NULL",
    "\t": "TAB",
    "\n": "LINE FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
}


def printable(text: str) -> str:
    r"""Return text with every character that is not printable as an escape: ``\t``, ``\x1b``, ``\u200b``."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def shortened(text: str, limit: int = _LONGEST_QUOTE) -> str:
    """Return text of at most ``limit`` code points: what is longer loses its end to an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(text: str) -> str:
    """Return text as a JSON string, short and printable, for a sentence."""
    return printable(json.dumps(shortened(text), ensure_ascii=False))


def code_point(char: str) -> str:
    """Return a character's number and name: ``U+200B (ZERO WIDTH SPACE)``."""
    kind = "control character" if unicodedata.category(char) == "Cc" else ""
    name = unicodedata.name(char, "") or _UNNAMED.get(char, kind)
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
