"""Patterns: frames with places for the people and words of a script, so that lists of frames can be data.

A pattern is the bytes of a frame, in which stand

- ``<word>`` for a new text, ``<word~é32>`` for one with ``é`` after it up to 32 code points;
- ``<own>``, ``<present>`` and ``<other>`` for names: the connection's own, the first and the last of those present;
- ``<present-cut>`` for a name without its last character, ``<present-case>`` ``<own-case>`` for one in the other case.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room

_PLACES: Mapping[str, Callable[[Room], str]] = {
    "own": lambda room: room.own,
    "own-case": lambda room: room.own.swapcase(),
    "present": lambda room: room.present[0],
    "present-cut": lambda room: room.present[0][:-1],
    "present-case": lambda room: room.present[0].swapcase(),
    "other": lambda room: room.present[-1],
}
_PLACE = re.compile(rf"<(word)(?:~([^<>]+?)(\d+))?>|<({'|'.join(_PLACES)})>".encode())
_SHOWN = 60
_RUN = re.compile(rb"(.{1,12}?)\1{20,}", re.DOTALL)


def fill(pattern: bytes, room: Room) -> bytes:
    """Return the frame of a pattern for these people; each ``<word>`` in it is the same new word."""
    word = room.word()

    def value(place: "re.Match[bytes]") -> bytes:
        filler, length = (place[2] or b"").decode(), int(place[3] or 0)
        text = _PLACES[place[4].decode()](room) if place[4] else word + filler * (length - len(word))
        return json.dumps(text, ensure_ascii=False)[1:-1].encode()

    return _PLACE.sub(value, pattern)


def encoded(message: Any) -> bytes:
    """Return a JSON value as a pattern: compact, in UTF-8, escaped only where it must be."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def resized(frame: bytes, size: int) -> bytes:
    """Return a frame of so many bytes: its longest repetition is made longer or shorter.

    Raises:
        ValueError: if nothing in it is repeated more than 20 times.
    """
    run = max(_RUN.finditer(frame), key=lambda found: len(found[0]))
    times, rest = divmod(size - len(frame) + len(run[0]), len(run[1]))
    return frame[: run.start()] + run[1] * times + b"a" * rest + frame[run.end() :]


def act(  # noqa: PLR0913, PLR0917 -- the attributes of an act
    kind: str, member: str, value: str, pattern: bytes, spelling: str = "plain", size: int = 0
) -> Act:
    """Return the act that fills a pattern, of ``size`` bytes if that is not 0."""

    def write(room: Room) -> bytes:
        frame = fill(pattern, room)
        return resized(frame, size) if size else frame

    return Act(kind, member, value, write, spelling)


def shown(value: Any) -> str:
    """Return a JSON value, or a part of a pattern as it is, as part of a label: in ASCII and not long."""
    text = ascii(value.decode("utf-8", "backslashreplace"))[1:-1] if isinstance(value, bytes) else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... of {len(text)}"
