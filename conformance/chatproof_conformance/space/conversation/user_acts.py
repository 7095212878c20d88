"""What the user says, by kind: contents, targets and lengths that programs change, cut, refuse or drop."""

import functools
from collections.abc import Iterator

from chatproof_conformance.space.contents import contents
from chatproof_conformance.space.conversation.acts import Asked, shown
from chatproof_conformance.space.conversation.server_acts import OWN, filled
from chatproof_conformance.space.names import invalid_names, valid_names
from chatproof_conformance.space.spellings import plain
from chatproof_schemas import CLIENT_FRAME_BYTES

_LENGTHS = (1024, 1100, 2048, 5000, 70_000)
_HALVES = ("\ud800", "a\udfffb", "\udc00\ud800")


def numbered(length: int) -> str:
    """Return a text of so many characters that is nowhere like itself elsewhere, so that no cut goes unseen."""
    return "".join(f"{place:04}" for place in range(length // 4 + 1))[:length]


def _plain() -> Iterator[Asked]:
    for content in ("hi", "What a day!", "42", '"quoted" \\ and / more', "é 中 🙂", numbered(300)):
        yield Asked(f"say: {shown(content)}", content)
        for target in ("bob", "Bob with spaces", "中 🙂", "nobody"):
            reason = {"reason": "User not found"} if target == "nobody" else {}
            yield Asked(f"whisper: {shown(content)} to {shown(target)}", content, target, target != "nobody", reason)
    yield from (Asked("say again: yes", "yes") for _ in range(9))
    yield from (Asked("whisper again: yes", "yes", "bob", place % 2 == 0) for place in range(9))
    yield Asked("whisper: to oneself", "note to self", OWN)


def _contents() -> Iterator[Asked]:
    for place, pattern in enumerate(contents()):
        content = filled(pattern)
        yield Asked(f"content said: {shown(pattern)}", content)
        if place % 3 == 0:
            yield Asked(f"content whispered: {shown(pattern)}", content, "bob")


def _targets() -> Iterator[Asked]:
    for place, pattern in enumerate(valid_names()):
        yield Asked(f"target: {shown(pattern)}", "psst", filled(pattern), place % 4 != 0)
    yield from (Asked(f"half a character in a target: {shown(half)}", "psst", half) for half in _HALVES)
    for pattern in invalid_names():
        yield Asked(f"no target: {shown(pattern)}", "psst", filled(pattern))


def _lengths() -> Iterator[Asked]:
    for target in (None, "bob", "a rather long name of a user", "中é🙂" * 5, '"\\' * 7):
        request = {"type": "message", "content": ""} | ({"type": "private_message", "target": target} if target else {})
        room = CLIENT_FRAME_BYTES - len(plain(request))
        who = "whispered" if target else "said"
        for character in ("x", "é", "🙂"):
            width = len(character.encode())
            fitting = numbered(room % width) + character * (room // width)
            yield Asked(f"length {who}: half of it in {width} bytes", character * (room // width // 2), target)
            for more in (0, 1, 2, 100):
                yield Asked(f"length {who}: {more} of {width} bytes too long", fitting + character * more, target)
        yield Asked(f"length {who}: too long by spaces at its end", numbered(room - 3) + " " * 9, target)
        yield Asked(f"length {who}: too long by line ends", numbered(room - 3) + "\n" * 9, target)
        yield Asked(f"length {who}: the longest", numbered(room), target)
        yield Asked(f"length {who}: one too long", numbered(room + 1), target)
        yield from (Asked(f"length {who}: {length}", numbered(length), target) for length in _LENGTHS)
        yield Asked(f"length {who}: escapes", '"' * 600, target)
        yield Asked(f"length {who}: few characters of many bytes", "🙂" * 400, target)
        yield Asked(f"nothing {who}: empty", "", target)
        yield from (Asked(f"half a character {who}: {shown(half)}", half, target) for half in _HALVES)


@functools.cache
def user_acts() -> dict[str, tuple[Asked, ...]]:
    """Return what the user says, by kind."""
    return {
        "said": tuple(_plain()),
        "contents said": tuple(_contents()),
        "targets": tuple(_targets()),
        "lengths": tuple(_lengths()),
    }
