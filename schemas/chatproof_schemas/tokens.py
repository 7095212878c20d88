"""Reads the strings, numbers and literals of a JSON text strictly, and reports what is wrong if one is not right."""

import json
import re
from typing import NoReturn

from chatproof_common.printable import code_point, printable, shortened
from chatproof_schemas.problems import Problem

_SPACES = tuple(" \t\n\r")
_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u([0-9a-fA-F]{4}))')
_ESCAPES = r"\" \\ \/ \b \f \n \r \t or \u and 4 hexadecimal digits"
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBER_LIKE = re.compile(r"[-+.\w]+", re.ASCII)
_WORD = re.compile(r"[^\W\d][\w$]*")
_LITERALS = ("true", "false", "null")
_NULLS = ("None", "undefined", "nil")
_ESCAPED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_NUMBER_FAULTS = (
    (re.compile(r"[-+]?(?:NaN|Infinity)$"), "a finite number"),
    (re.compile(r"[-+]?0[xXoObB]"), "decimal digits"),
    (re.compile(r"-?0[0-9]"), "no leading zero"),
    (re.compile(r"\+"), "no plus sign"),
    (re.compile(r"-?\."), "a digit before the point"),
    (re.compile(r"-?[0-9]+\.(?![0-9])"), "a digit after the point"),
)


class FaultFound(Exception):  # noqa: N818  it carries what was looked for
    """Ends the reading of a text at its first fault."""

    def __init__(self, fault: Problem) -> None:
        super().__init__(fault.what)
        self.fault = fault


class Tokens:
    """A text and the place up to which it has been read; each method reads one token or refuses the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def path(self) -> str:
        """Return the value that is being read, as a JSON Pointer."""
        return ""

    def wanted(self) -> str:
        """Return what may stand where a value begins, as a short clause."""
        return "a value, strings in double quotes"

    def refuse(self, what: str, expected: str, at: int | None = None) -> NoReturn:
        """Report a fault at a place, or here."""
        column = (self.at if at is None else at) + 1
        raise FaultFound(Problem("malformed_json", self.path(), what, expected, column))

    def peek(self) -> str:
        """Return the next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def took(self, char: str) -> bool:
        """Go past a character if it is the next one."""
        found = self.peek() == char
        self.at += found
        return found

    def skip_space(self) -> None:
        """Go past JSON white space."""
        if self.peek() in _SPACES:
            self.at = _end(_SPACE, self.text, self.at)

    def read_string(self) -> str:
        """Go past a string and return its value."""
        start = self.at
        self.at += 1
        while True:
            self.at = _end(_PLAIN, self.text, self.at)
            if self.took('"'):
                return _value(self.text[start : self.at])
            char = self.peek()
            if char == "\\":
                self._read_escape()
            elif char:
                right = _ESCAPED.get(char, f"\\u{ord(char):04x}")
                self.refuse(f"has a raw {code_point(char)} inside a string", f"the escape {right}")
            else:
                self.refuse("has a string without its end", 'a closing "', start)

    def _read_escape(self) -> None:
        escape = _ESCAPE.match(self.text, self.at)
        if not escape:
            wrong = printable(self.text[self.at : self.at + 2])
            self.refuse(f"has {wrong}, which is no JSON escape", _ESCAPES)
        unit = _utf16_unit(escape)
        self.at = escape.end()
        if unit in _HIGH_SURROGATES:
            second = _ESCAPE.match(self.text, self.at)
            if second and _utf16_unit(second) in _LOW_SURROGATES:
                self.at = second.end()
                return
        if unit in _HIGH_SURROGATES or unit in _LOW_SURROGATES:
            expected = "surrogates in pairs: a high one, then a low one"
            self.refuse(f"has the lone surrogate U+{unit:04X}", expected, escape.start())

    def read_number(self) -> None:
        """Go past a number."""
        start = self.at
        token = self.text[start : _end(_NUMBER_LIKE, self.text, start)]
        if _NUMBER.fullmatch(token):
            self.at += len(token)
            return
        right = next((expected for form, expected in _NUMBER_FAULTS if form.match(token)), "a number such as -1.5e3")
        self.refuse(f"has {shortened(token)}, which is no JSON number", right)

    def read_literal(self) -> None:
        """Go past true, false or null."""
        word = _WORD.match(self.text, self.at)
        if not word:
            self.refuse_character(self.wanted())
        elif word[0] in _LITERALS:
            self.at = word.end()
        else:
            self._refuse_word(word[0])

    def _refuse_word(self, word: str) -> NoReturn:
        if word.lower() in _LITERALS or word in _NULLS:
            self.refuse(f"has {word}, which is no JSON value", "null" if word in _NULLS else word.lower())
        if word in ("NaN", "Infinity"):
            self.refuse(f"has {word}, which is no JSON value", "a finite number, true, false or null")
        self.refuse(f"has {printable(shortened(word))}", self.wanted())

    def refuse_character(self, wanted: str) -> NoReturn:
        """Report that something else stands where ``wanted`` should."""
        here = self.text[self.at : self.at + 2]
        if not here:
            self.refuse("ends too early", wanted)
        if here[0] == "'":
            self.refuse("has single quotes", "strings in double quotes")
        if here in ("//", "/*") or here[0] == "#":
            self.refuse("has a comment", "no comments: JSON has none")
        if here[0].isspace() or here[0] == "\ufeff":
            self.refuse(f"has {code_point(here[0])} between values", "no white space but space, tab, CR and LF")
        self.refuse(f"has {code_point(here[0])}", wanted)


def _value(string: str) -> str:
    if "\\" not in string:
        return string[1:-1]
    value: str = json.loads(string)
    return value


def _utf16_unit(escape: re.Match[str]) -> int:
    return int(escape[1] or "0", 16)


def _end(form: re.Pattern[str], text: str, at: int) -> int:
    found = form.match(text, at)
    return found.end() if found else at
