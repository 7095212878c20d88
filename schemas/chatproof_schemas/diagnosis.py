"""Finds the place and the reason why a text is not the JSON that SPEC.md, "The wire", asks for.

It also finds what the standard library keeps and the specification forbids (duplicate names, lone surrogates). It reads
only texts that were refused, so it may take its time, and does not recurse: they may be nested to any depth.
"""

import re
from dataclasses import dataclass, field
from typing import NoReturn

from chatproof_common.printable import code_point, printable, quoted, shortened
from chatproof_schemas.problems import Problem, pointer
from chatproof_schemas.tokens import FaultFound, Tokens

_WORD = re.compile(r"[\w$]+")
_SPACE = r"[ \t\n\r]*"
_CHARS = r'[^"\\\x00-\x1f]*'
_TEXT = rf'"{_CHARS}(?:\\(?:["\\/bfnrt]|u(?:[0-9a-cA-CefEF]|[dD](?=[0-7]))[0-9a-fA-F]{{3}}){_CHARS})*"'
# A member without a fault, and another one after it.
_MEMBER = re.compile(rf'{_SPACE}"({_CHARS})"{_SPACE}:{_SPACE}({_TEXT}|true|false|null){_SPACE},{_SPACE}(?=")')


def find_fault(text: str) -> Problem | None:
    """Return the first fault of a text; None if it is JSON with neither duplicate names nor lone surrogates."""
    try:
        _Scanner(text).scan()
    except FaultFound as found:
        return found.fault
    return None


def member_columns(text: str) -> dict[str, int]:
    """Return the column of each member's value in a JSON object: code points from 1, by JSON Pointer."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.columns


@dataclass(slots=True)
class _Open:
    """An object or array that is being read, and the name or index of the element in it."""

    closing: str
    step: str | int = -1
    names: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return "an object" if self.closing == "}" else "an array"


class _Scanner(Tokens):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.open: list[_Open] = []
        self.columns: dict[str, int] = {}

    def path(self) -> str:
        steps = (str(inside.step) for inside in self.open if inside.step != -1)
        return "".join(map(pointer, steps))

    def wanted(self) -> str:
        return super().wanted() if self.open else "one JSON object"

    def scan(self) -> None:
        """Read one JSON value and nothing after it."""
        if self.text.startswith("\ufeff"):
            self.refuse("begins with a byte order mark (U+FEFF)", "no byte order mark")
        self.skip_space()
        value_is_next = True
        while value_is_next or self.open:
            value_is_next = self._begin_value() if value_is_next else self._end_value()
        self.skip_space()
        if self.at < len(self.text):
            self._refuse_rest()

    def _begin_value(self) -> bool:
        """Read a value, or up to the first value inside it; return whether there is one."""
        if len(self.open) == 1:
            self.columns[self.path()] = self.at + 1
        char = self.peek()
        if char and char in "{[":
            return self._open_value("}" if char == "{" else "]")
        if char == '"':
            self.read_string()
        elif char and char in "+-.0123456789":
            self.read_number()
        else:
            self.read_literal()
        return False

    def _open_value(self, closing: str) -> bool:
        self.at += 1
        self.open.append(_Open(closing))
        if closing == "}":
            self._skip_members(self.open[-1])
        self.skip_space()
        return self.peek() != closing and self._approach_element(self.open[-1])

    def _skip_members(self, inside: _Open) -> None:
        """Go past members that are plainly right, at once: most faults are near the end."""
        while (found := _MEMBER.match(self.text, self.at)) and found[1] not in inside.names:
            inside.names.add(found[1])
            if len(self.open) == 1:
                self.columns[pointer(found[1])] = found.start(2) + 1
            self.at = found.end()

    def _end_value(self) -> bool:
        """Read what follows a value inside another: a comma and the way to the next value, or the end of the other."""
        self.skip_space()
        inside = self.open[-1]
        place = self.at
        if self.took(inside.closing):
            self.open.pop()
            return False
        if not self.took(","):
            self._refuse_after_value(inside)
        self.skip_space()
        if self.peek() == inside.closing:
            self.open.pop()
            self.refuse("has a trailing comma", f"no comma before {inside.closing}", place)
        return self._approach_element(inside)

    def _approach_element(self, inside: _Open) -> bool:
        if self.at == len(self.text):
            self._refuse_end(inside)
        if isinstance(inside.step, int) and inside.closing == "]":
            inside.step += 1
        else:
            self._read_name(inside)
        return True

    def _read_name(self, inside: _Open) -> None:
        start = self.at
        inside.step = -1
        if self.peek() != '"':
            self._refuse_name()
        name = self.read_string()
        if name in inside.names:
            self.refuse(f"has the member name {quoted(name)} twice", "each member name once", start)
        inside.names.add(name)
        self.skip_space()
        if not self.took(":"):
            self.refuse(f"has no colon after the member name {quoted(name)}", "a colon and a value")
        self.skip_space()
        inside.step = name

    def _refuse_name(self) -> NoReturn:
        word = _WORD.match(self.text, self.at)
        if word:
            self.refuse(
                f"has the member name {printable(shortened(word[0]))} without quotes", "double quotes around it"
            )
        self.refuse_character("a member name in double quotes")

    def _refuse_after_value(self, inside: _Open) -> NoReturn:
        if self.at == len(self.text):
            self._refuse_end(inside)
        self.open.pop()
        self.refuse_character(f"a comma or {inside.closing}")

    def _refuse_end(self, inside: _Open) -> NoReturn:
        self.open.pop()
        self.refuse(f"ends inside {inside}", f"a closing {inside.closing}")

    def _refuse_rest(self) -> NoReturn:
        rest = self.peek()
        if rest == "{":
            self.refuse("has a second object", "one object a line")
        if rest in "/#":
            self.refuse_character("the end of the line")
        self.refuse(f"has text after its end, from {code_point(rest)} on", "one object a line")
