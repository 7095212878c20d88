"""Spellings: the same message as other bytes. All are right, and mean the same (SPEC.md, sections 2 and 4)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Message = Mapping[str, Any]

_OUTSIDE = " \t\r "


def plain(message: Message) -> bytes:
    """Return a message with no white space, in UTF-8, escaped only where it must be."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _spelt(name: Callable[[str], str], text: Callable[[str], str], space: str = "") -> Callable[[Message], bytes]:
    """Return a spelling: how to write names and texts, and what stands around each token."""

    def spell(message: Message) -> bytes:
        members = (
            f"{name(key)}{space}:{space}{text(value) if isinstance(value, str) else json.dumps(value)}"
            for key, value in message.items()
        )
        return f"{{{space}{f'{space},{space}'.join(members)}{space}}}".encode()

    return spell


def _raw(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'


def _first_escaped(text: str) -> str:
    return '"' + _escaped(text[:1])[1:-1] + _raw(text[1:])[1:]


def _reversed(message: Message) -> bytes:
    return plain(dict(reversed([*message.items()])))


SPELLINGS: Mapping[str, Callable[[Message], bytes]] = {
    "members reversed": _reversed,
    "white space around tokens": _spelt(_raw, _raw, _OUTSIDE),
    "spaces as Python writes": lambda message: json.dumps(message).encode(),
    "lines that end with CR": _spelt(_raw, _raw, "\r\t"),
    "CR before LF": lambda message: plain(message) + b"\r",
    "CR CR before LF": lambda message: plain(message) + b"\r\r",
    "space first": lambda message: b" " + plain(message),
    "tab first": lambda message: b"\t" + plain(message),
    "CR first": lambda message: b"\r" + plain(message),
    "spaces first": lambda message: b" " * 300 + plain(message),
    "space last": lambda message: plain(message) + b" ",
    "tab last": lambda message: plain(message) + b"\t",
    "spaces last": lambda message: plain(message) + b" " * 300,
    "all escaped": _spelt(_escaped, _escaped),
    "names escaped": _spelt(_escaped, _raw),
    "first characters escaped": _spelt(_first_escaped, _first_escaped),
    "ASCII": lambda message: json.dumps(message, separators=(",", ":")).encode(),
}
"""By name, how to write a message."""
