"""Names that are not what they look like: the protocol lets two users differ by what nobody can see (SPEC.md, "Names").

A small part of Unicode's TR 39: letters that look alike in Latin, Greek, Cyrillic, Armenian and Cherokee, the scripts
in which most such names are made, and characters that are not drawn at all.
"""
# ruff: noqa: RUF001  letters that look like others are its subject

import functools
import unicodedata
from collections.abc import Iterable

from chatproof_common.printable import is_unseen

_TWINS = {
    "A": "ΑАᎪ", "B": "ΒВᏴ", "C": "СϹᏟ", "D": "Ꭰ", "E": "ΕЕᎬ", "F": "Ϝ", "G": "ԌᏀ", "H": "ΗНᎻ", "J": "ЈᎫ", "K": "ΚКᏦ",
    "L": "Ꮮ", "M": "ΜМᎷ", "N": "Ν", "O": "ΟОՕ0", "P": "ΡРᏢ", "S": "ЅՏᏚ", "T": "ΤТᎢ", "U": "Ս", "V": "ᏙѴ", "W": "ᏔԜ",
    "X": "ΧХ", "Y": "ΥҮ", "Z": "ΖᏃ", "a": "аɑα", "c": "сϲ", "d": "ԁ", "e": "е", "g": "ց", "h": "һհ", "i": "іıι",
    "j": "јϳ", "k": "κк", "l": "I1|ІӀΙ", "n": "ո", "o": "οоօ", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "u": "υսʋ",
    "v": "νѵ", "w": "ԝա", "x": "х", "y": "уγү", "z": "ᴢ",
}  # fmt: skip
"""What a letter's twins are; `rn` and `m`, and signs with and without accents, differ enough for eyes."""
_LIKE = str.maketrans({twin: letter for letter, twins in _TWINS.items() for twin in twins})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and signs that are drawn as nothing (those of the category Cf are drawn as nothing too)."""
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})
"""Scripts, as the names of characters begin, that are written with each other and with Latin."""
_SELECTORS = range(0xFE00, 0xFE10)


def doubt_about(name: str, others: Iterable[str] = ()) -> str:
    """Return, in a few words, why a name may not be whose it seems; empty if there is no doubt.

    Args:
        name: of a user.
        others: of other users; it may be among them.
    """
    if any(_is_undrawn(char, before) for before, char in zip(" " + name, name, strict=False)):
        return "has characters that nobody can see"
    look = skeleton(name)
    twin = next((other for other in others if other != name and skeleton(other) == look), None)
    if twin is not None:
        return f"looks like “{shown_name(twin)}”, and is another"
    scripts = sorted({script for char in name if (script := _script(char))})
    if len(scripts) > 1 and not set(scripts) <= _TOGETHER | {"LATIN"}:
        return f"mixes {' and '.join(script.capitalize() for script in scripts)} letters"
    return ""


def shown_name(name: str) -> str:
    """Return a name with every character that is not drawn as an escape."""
    drawn = zip(" " + name, name, strict=False)
    return "".join(
        char.encode("unicode_escape").decode() if _is_undrawn(char, before) else char for before, char in drawn
    )


@functools.lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """Return what names that look the same have in common."""
    plain = unicodedata.normalize("NFKD", name.translate(_LIKE))
    seen = (char for char in plain if char not in _BLANK and not is_unseen(char) and ord(char) not in _SELECTORS)
    return unicodedata.normalize("NFC", "".join(seen).translate(_LIKE)).strip()


def _is_undrawn(char: str, before: str) -> bool:
    """Whether a character, after another one, is drawn as nothing: a selector does something to a sign alone."""
    if ord(char) in _SELECTORS:
        return unicodedata.category(before) not in ("So", "Sm", "Po", "Nd")
    return char in _BLANK or is_unseen(char)


@functools.lru_cache(maxsize=20_000)
def _script(char: str) -> str:
    """Return the script of a letter, as its name begins; empty for what is no letter, or of no script."""
    if not char.isalpha():
        return ""
    name = unicodedata.name(char, "")
    first = name.partition(" ")[0]
    if first in ("FULLWIDTH", "HALFWIDTH", "MODIFIER", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER"):
        return ""
    return first
