"""Names as patterns: valid and invalid ones, those that mean something, and those that are nearly the same."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.space.patterns import fill
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.values import allowed_neighbours, forbidden_edges
from chatproof_schemas import USERNAME_CODE_POINTS

_FILLERS = ("x", "é", "中", "🙂")
"""A character of 1, 2, 3 and 4 bytes."""

MEANINGFUL = (
    *("constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "prototype", "__init__", "__class__"),
    *("null", "undefined", "None", "nil", "NaN", "true", "false", "0", "-1", "1e3", "007", "[object Object]"),
    *("all", "everyone", "*", "@all", "@bob", "#", "server", "system", "admin", "root", "message", "error", "join"),
    *(".", "..", "...", "/", "/quit", "a/b", "C:", "~", "-", "--", "?", "&", "$&", "$1", "\\1", "%s", "%", "%n", "{}"),
    *("{0}", "${x}", "<b>", "&amp;", '"', "'", "`", "\\", "\\n", ":", ";", ",", "=", "|", "^", ".*", "[a", "(", "a,b"),
)
"""Names that a language, a format or a server may take for something else."""

_TRIMMED = (
    *("\u00a0", "\u00ad", "\u034f", "\u061c", "\u115f", "\u1680", "\u180e", "\u2003", "\u206a", "\u2800", "\u3000"),
    *("\u3164", "\ufe0f", "\ufffd", "\ufffe", "\uffff", "\ue000", "\U000e0001", "\U0001fffe", "\U0010ffff"),
)
"""What programs trim or drop; valid anywhere in a name."""

_CHANGED = (
    *("e\u0301", "\u00e9", "\u212b", "\ufb01", "\uff21", "\u0130", "\u0131", "\u00df", "\u1e9e", "\u017f", "\u03c2"),
    *("\u05d0", "\u0627", "\u0e01", "\ud55c", "\u1112\u1161", "🙂", "👍🏽", "🇳🇱", "\U0001d5a0", "\U00020000"),
    *('"', "\\", "'", "<b>", "&amp;", "%s", "$&", "/", "null", "0", "@", "*", "."),
)
"""What programs fold, compose, escape or count in another way."""


def valid_names() -> Iterator[str]:
    """Yield names that hold a word, as patterns: the longest, spaces inside, and what is telling at each place."""
    for filler in _FILLERS:
        yield from (f"<word~{filler}{USERNAME_CODE_POINTS - less}>" for less in (1, 0))
        yield f"{filler}<word~{filler}{USERNAME_CODE_POINTS - 1}>"
    yield from ("<word> b", "<word>  b", "a <word>", "a b <word> c d", "<word>\u0301", "\u0301<word>")
    for text in dict.fromkeys((*allowed_neighbours(), *_TRIMMED)):
        yield from (f"{text}<word>", f"<word>{text}b", f"<word>{text}")
    yield from (f"<word>{text}" for text in _CHANGED)


def invalid_names() -> Iterator[str]:
    """Yield texts that are no name, as patterns; all but the emptiest hold a word."""
    yield from ("", " ", "  ", " <word>", "<word> ", " <word> ", "  <word>  ", "\u200b", "\0", "\n")
    for filler in _FILLERS:
        yield from (f"<word~{filler}{USERNAME_CODE_POINTS + more}>" for more in (1, 2, 32))
    yield f"<word~e\u0301{USERNAME_CODE_POINTS}>e"
    for bad in forbidden_edges():
        yield from (f"{bad}<word>", f"<word>{bad}b", f"<word>{bad}")


_RELATED: Sequence[tuple[str, tuple[str, ...]]] = (
    ("case", ("Aa<word>", "aa<word>", "AA<word>", "aA<word>")),
    ("case beyond ASCII", ("<word>\u00e9", "<word>\u00c9")),
    ("case that folds to two", ("<word>\u00df", "<word>ss", "<word>\u1e9e", "<word>SS")),
    ("Turkish case", ("<word>i", "<word>I", "<word>\u0130", "<word>\u0131", "<word>i\u0307")),
    ("sigma", ("<word>\u03c3", "<word>\u03c2", "<word>\u03a3")),
    ("composition", ("<word>\u00e9", "<word>e\u0301")),
    ("composition of Hangul", ("<word>\ud55c", "<word>\u1112\u1161\u11ab")),
    ("accent", ("<word>\u00e9", "<word>e", "<word>\u00e8")),
    ("order of accents", ("<word>e\u0301\u0323", "<word>e\u0323\u0301")),
    ("singletons", ("<word>\u212b", "<word>\u00c5", "<word>A\u030a")),
    ("compatibility", ("<word>\ufb01", "<word>fi")),
    ("width", ("<word>\uff21", "<word>A")),
    ("style", ("<word>\U0001d5a0", "<word>A", "<word>\u24b6")),
    ("superscript", ("<word>\u00b2", "<word>2", "<word>\uff12")),
    ("spaces inside", ("<word> b", "<word>  b", "<word>b", "<word>\u00a0b", "<word>\u2003b", "<word>_b")),
    ("spaces that are not U+0020 at the end", ("<word>", "<word>\u00a0", "<word>\u3000", "\u00a0<word>")),
    ("prefix", ("<word>", "<word>a", "<word>ab", "a<word>")),
    ("punctuation", ("<word>", "<word>.", "@<word>", "<word>-", "<word>_", "<word>:")),
    ("last of 32 code points", ("<word~x31>a", "<word~x31>b", "<word~x31>")),
    ("last of 32 code points of 4 bytes", ("<word~🙂31>🙂", "<word~🙂31>🙃")),
    ("last bits of a code point", ("<word>\U0001f600", "<word>\uf600", "<word>\u0600")),
    ("low byte alone", ("<word>\u0141", "<word>A")),
    ("noncharacters", ("<word>\ufffd", "<word>\ufffe", "<word>\uffff")),
    ("zeros", ("<word>", "<word>0", "<word>00", "0<word>")),
    ("variation selector", ("<word>\u2764", "<word>\u2764\ufe0f")),
    ("soft hyphen", ("<word>b", "<word>\u00adb", "<word>\u034fb")),
    ("look-alikes", ("<word>a", "<word>\u0430")),
    ("escapes", ("<word>&amp;", "<word>&", "<word>%26", "<word>\\u0026")),
    ("backslash", ("<word>\\", "<word>\\\\", "<word>/")),
    ("quotes", ('<word>"', "<word>'", "<word>`")),
)


def related_names(room: Room) -> list[tuple[str, tuple[str, ...]]]:
    """Return groups of names that are different users and might be taken for one, each with what relates them.

    The names of one group share their word; no two groups do.
    """
    return [
        (relation, tuple(fill("\n".join(patterns).encode(), room).decode().split("\n")))
        for relation, patterns in _RELATED
    ]
