r"""Other user names for a replay, so that neither a server's memory nor other people on it matter.

Every replaced character keeps its class, its case and the form in which it stands (``\u0061`` for ``a``): no frame
changes its length, and names that differ only in case, or that begin alike, still do.
"""

import random
import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from chatproof_conformance.wire.framing import LineSplitter
from chatproof_conformance.wire.steps import sent_streams
from chatproof_schemas import Direction, FrameRefused, read_frame
from chatproof_schemas.transcript import Transcript

_TOKEN = re.compile(r"-([a-z0-9]{3})[a-z0-9]+")
"""What the harness puts into the names of a run: see ``RunContext.name``."""
_DISTINCT = 4
"""A name of at least this many code points is distinguished from other text without quotes around it."""
_NOTICE = rb'(?= (?:joined|left) the chat")'
"""What follows a shorter one in the notices of SPEC.md, sections 6 and 7; other wordings are left as they are."""
_UNIT = re.compile(rb"\\u([0-9A-Fa-f]{4})|(.)", re.DOTALL)


class NameRewriter:
    """Replaces names in what is sent, and puts the original ones back in what is received."""

    def __init__(self, names: Iterable[str], chance: random.Random) -> None:
        found = list(dict.fromkeys(names))
        token = _find_token(found)
        parts = [f"-{token}"] if token else []
        rest = [name for name in found if not token or f"-{token}" not in name.casefold()]
        self._there = _permutation(chance)
        self._back = {new: old for old, new in self._there.items()}
        self._sent = _pattern(parts, rest)
        self._received = _pattern([self.name(p) for p in parts], [self.name(n) for n in rest], anywhere=True)

    def name(self, name: str) -> str:
        """Return what stands for a name, or for a part of one."""
        return "".join(self._there.get(char, char) for char in name)

    def put_on(self, data: bytes) -> bytes:
        """Replace the names in bytes that are to be sent: in strings of JSON, and elsewhere as they are."""
        return self._sent.sub(lambda match: _replaced(match[0], self._there), data)

    def take_off(self, data: bytes) -> bytes:
        """Put the original names back into bytes that were received."""
        return self._received.sub(lambda match: _replaced(match[0], self._back), data)


def joined_names(recorded: Transcript) -> list[str]:
    """Return the user names of the valid joins that the recorded clients sent."""
    ends = b"\n" if recorded.framing == "none" else b""
    streams = sent_streams(recorded, ends)
    return [name for stream in streams.values() for name in names_of_joins(stream)]


def names_of_joins(stream: bytes) -> list[str]:
    """Return the user names of the valid joins among the lines of a client's stream."""
    splitter = LineSplitter()
    frames = [*splitter.feed(stream), splitter.rest]
    return [name for frame in frames if (name := _name_of_join(frame)) is not None]


def _name_of_join(frame: bytes) -> str | None:
    if b"join" not in frame and b"\\u" not in frame:
        return None
    try:
        message = read_frame(frame, Direction.CLIENT)
    except FrameRefused:
        return None
    return str(message["username"]) if message["type"] == "join" else None


def _find_token(names: Sequence[str]) -> str | None:
    """Return the token that at least half of the names share, if the harness made them."""
    tokens = Counter(token for name in names for token in set(_TOKEN.findall(name.casefold())))
    common = tokens.most_common(1)
    return common[0][0] if common and common[0][1] * 2 >= len(names) else None


def _permutation(chance: random.Random) -> dict[str, str]:
    """Return another letter for each letter, another digit for each digit."""
    table: dict[str, str] = {}
    for alphabet in (string.ascii_lowercase, string.digits):
        ring = chance.sample(alphabet, len(alphabet))
        table |= dict(zip(ring, ring[1:] + ring[:1], strict=True))
    return table | {old.upper(): new.upper() for old, new in table.items()}


def _pattern(parts: Sequence[str], names: Sequence[str], *, anywhere: bool = False) -> re.Pattern[bytes]:
    """Return what finds the parts anywhere in whatever case, and the names as whole JSON strings.

    With ``anywhere``, names are found anywhere, and short ones in notices, too.
    """
    choices = [b"".join(_char(char, any_case=True) for char in part) for part in parts]
    for name in sorted(names, key=len, reverse=True):
        found = b"".join(map(_char, name))
        if not anywhere:
            found = b'"' + found + b'"'
        elif len(name) < _DISTINCT:
            found = b'"' + found + b'(?:"|' + _NOTICE + b")"
        choices.append(found)
    return re.compile(b"|".join(choices) or rb"(?!)", re.DOTALL)


def _char(char: str, *, any_case: bool = False) -> bytes:
    """Return what finds a character, raw or as a JSON escape."""
    forms = {char, char.lower(), char.upper()} if any_case else {char}
    return b"(?:" + b"|".join(re.escape(form.encode()) + b"|" + _escape(form) for form in sorted(forms)) + b")"


def _escape(char: str) -> bytes:
    units = char.encode("utf-16-be").hex()
    return b"".join(rb"\\u(?i:" + units[at : at + 4].encode() + b")" for at in range(0, len(units), 4))


def _replaced(found: bytes, table: Mapping[str, str]) -> bytes:
    def unit(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            return table.get(match[2].decode("latin-1"), "").encode() or match[2]
        char = chr(int(match[1], 16))
        return b"\\u%04x" % ord(table[char]) if char in table else match[0]

    return _UNIT.sub(unit, found)
