"""Whether a text that a client shows is the text that was sent, made harmless at most."""

import re
import unicodedata
from itertools import chain, groupby

_UNSHOWABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Categories of characters that a client may spell out, replace or leave out: they could act on its terminal."""
_UNSEEN = frozenset(
    chain(
        map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"),
        range(0x180B, 0x1810),  # Mongolian selectors
        range(0xFE00, 0xFE10),  # variation selectors, and the others below
        range(0xE0100, 0xE01F0),
    )
)
"""Characters of other categories that leave no mark: a client may show that they are there."""
_MOST_A_CHARACTER = 12
"""Characters in the place of one, at most: ``\\U0010ffff`` and the like."""


def is_shown(sent: str, shown: object) -> bool:
    """Return whether a text stands for one that was sent."""
    if not isinstance(shown, str):
        return False
    return shown == sent or (_pattern(sent).fullmatch(shown) is not None if _has_unshowable(sent) else False)


def is_contained(sent: str, shown: object) -> bool:
    """Return whether a text holds one that was sent, such as a reason with more words around it."""
    if not isinstance(shown, str):
        return False
    return sent in shown or (_pattern(sent).search(shown) is not None if _has_unshowable(sent) else False)


def _is_unshowable(char: str) -> bool:
    return unicodedata.category(char) in _UNSHOWABLE or ord(char) in _UNSEEN


def _has_unshowable(text: str) -> bool:
    return not text.isascii() or not text.isprintable()


def _pattern(sent: str) -> re.Pattern[str]:
    """Return what matches a text with its unshowable characters replaced by anything short, or left out."""
    parts = []
    for is_unshowable, run in groupby(sent, _is_unshowable):
        text = "".join(run)
        parts.append(f".{{0,{len(text) * _MOST_A_CHARACTER}}}" if is_unshowable else re.escape(text))
    return re.compile("".join(parts), re.DOTALL)
