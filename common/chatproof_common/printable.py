"""The one place that makes text of others fit to be shown: short, and no instruction to whatever shows it.

:func:`printable` is for one line of a report, :func:`readable` for what people wrote to each other. What else a form
takes for its own marks is for its writer to escape, on top of these: HTML, Markdown, Mermaid, workflow commands.
"""

import json
import unicodedata
from collections.abc import Callable

_LONGEST_QUOTE = 40
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of Unicode."""
_READ = "\t\n\u200c\u200d"
"""Of these, what belongs to written text: the joiners shape Persian and Indic words, and emoji."""
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


def readable(text: str) -> str:
    r"""Return a text of a person as it was written, with tabs, line feeds and all scripts.

    Only what moves a cursor, turns a line around or cannot be seen becomes an escape: ``\x1b``, ``\u202e``, ``\u200b``.
    """
    if text.isprintable():
        return text
    return "".join(_escape(char) if is_unseen(char) and char not in _READ else char for char in text)


def indented(text: str, columns: int) -> str:
    """Return a text as :func:`readable` does, its further lines indented: none passes for one of ours."""
    return readable(text).replace("\n", "\n" + " " * columns)


def on_one_line(text: str) -> str:
    """Return a text of a person as :func:`readable` does, its line feeds as signs."""
    return readable(text).replace("\n", "\u240a")


def is_unseen(char: str) -> bool:
    """Return whether a character is a control or format character, a separator of lines, or half of a character."""
    return unicodedata.category(char) in _UNSEEN


def shortened(text: str, limit: int = _LONGEST_QUOTE) -> str:
    """Return text of at most ``limit`` code points: what is longer loses its end to an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shortened_inside(text: str, limit: int) -> str:
    """Return text of about ``limit`` code points at most: what is longer loses its middle, and says how much."""
    if len(text) <= limit:
        return text
    half = (limit - 10) // 2
    return f"{text[:half]}…({len(text) - 2 * half} more)…{text[-half:]}"


def quoted(
    value: object,
    limit: int = _LONGEST_QUOTE,
    *,
    ascii_only: bool = False,
    shorten: Callable[[str, int], str] = shortened,
) -> str:
    """Return a value as JSON for a sentence: short, in one line, printable, and if asked for in ASCII."""
    if isinstance(value, str):
        text = json.dumps(shorten(value, limit), ensure_ascii=ascii_only)
    else:
        text = shorten(json.dumps(value, ensure_ascii=ascii_only), limit)
    return escaped_json(text)


def escaped_json(text: str) -> str:
    """Return JSON with every character that is not printable as its escape, U+007F too, which ``json`` lets stand."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1].replace("\x7f", r"\u007f") for c in text)


def code_point(char: str) -> str:
    """Return a character's number and name: ``U+200B (ZERO WIDTH SPACE)``."""
    kind = "control character" if unicodedata.category(char) == "Cc" else ""
    name = unicodedata.name(char, "") or _UNNAMED.get(char, kind)
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
