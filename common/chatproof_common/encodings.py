"""Tells from its first bytes a text that is not in UTF-8, as some shells and editors write it."""

import re

_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""The byte order marks; that of UTF-32 begins with that of UTF-16."""
_WITHOUT_MARK = {
    re.compile(rb"(?s)[^\0]\0\0\0"): "UTF-32LE",
    re.compile(rb"(?s)\0\0\0[^\0]"): "UTF-32BE",
    re.compile(rb"(?s)[^\0]\0[^\0]\0"): "UTF-16LE",
    re.compile(rb"(?s)\0[^\0]\0[^\0]"): "UTF-16BE",
}
"""JSON begins with two ASCII characters (RFC 4627, section 3)."""


def other_encoding(beginning: bytes) -> str | None:
    """Return what text is in, as ``iconv`` names it, if it is JSON in UTF-16 or UTF-32; None otherwise."""
    for mark, name in _MARKS.items():
        if beginning.startswith(mark):
            return name
    return next((name for pattern, name in _WITHOUT_MARK.items() if pattern.match(beginning)), None)


def said_of(name: str) -> str:
    """Return what is to be said of a file in such an encoding, as the beginning of a clause."""
    return f"looks like {name}, not UTF-8 (`iconv -f {name} -t UTF-8 FILE` converts it)"
