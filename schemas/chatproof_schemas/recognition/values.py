"""From the schema of a member to a regular expression of its value, in text that was decoded from UTF-8.

An expression takes nothing that the schema refuses. It may refuse what the schema takes, and there is none at all for a
schema with a rule that is not known here: then only parsing can decide.
"""

import json
import re
from typing import Any

from chatproof_schemas.recognition.strings import ANY_TEXT, NOT_PLAIN, UNIT, is_any_text, rules_of

_CODE_POINT = r"\\u([0-9a-fA-F]{4})"
_RANGE = re.compile(f"{_CODE_POINT}(?:-{_CODE_POINT})?")
_CLASS = re.compile(rf"\[((?:{_RANGE.pattern})+)\]")
_TIME_LIKE = re.compile(r"\^([0-9:()|\[\]-]+)\$")
_VISIBLE = set(range(0x21, 0x7F))
_NO_SPACE_AT_THE_ENDS = "^ | $"


def value_form(schema: dict[str, Any]) -> str | None:
    """Return an expression without groups that capture; None if there is none for such a schema."""
    rules = rules_of(schema)
    if rules.keys() <= {"const", "enum"} and rules:
        return _one_of([rules["const"]] if "const" in rules else rules["enum"])
    if rules == {"type": "boolean"}:
        return "(?:true|false)"
    if is_any_text(schema):
        return ANY_TEXT
    if rules.get("type") == "string" and rules.keys() <= {"type", "maxLength", "pattern"}:
        return _time_like(rules.get("pattern", ""), rules.get("maxLength"))
    if rules.get("type") == "string" and rules.keys() == {"type", "minLength", "maxLength", "allOf"}:
        return _name(rules)
    return None


def _one_of(values: list[Any]) -> str | None:
    if not all(isinstance(value, str) and re.fullmatch(r"\w+", value, re.ASCII) for value in values):
        return None
    return f"(?:{'|'.join(map(json.dumps, values))})"


def _time_like(pattern: str, longest: int | None) -> str | None:
    """Return the form of a string of digits and colons."""
    found = _TIME_LIKE.fullmatch(pattern)
    if not found:
        return None
    short = "" if longest is None else f'(?=[^"]{{0,{longest}}}")'
    return f'"{short}(?:{found[1].replace("(", "(?:")})"'


def _name(rules: dict[str, Any]) -> str | None:
    """Return the form of a string of limited length with forbidden characters, and perhaps no space at the ends."""
    forbidden = ends = ""
    for rule in rules["allOf"]:
        pattern = _refused_pattern(rule)
        found = _CLASS.fullmatch(pattern or "")
        if found:
            forbidden += found[1]
        elif pattern == _NO_SPACE_AT_THE_ENDS:
            ends = " "
        else:
            return None
    codes = _code_points(forbidden)
    if codes & _VISIBLE:
        return None
    # An escape counts as one character, however long it is; those of control characters are left to a parser.
    char = f"[^{NOT_PLAIN}{forbidden}]"
    escape = rf'\\(?:["\\/]|u{_none_of(codes | {ord(" ")})}{UNIT})'
    count = f"{{{rules['minLength']},{rules['maxLength']}}}"
    body = f"(?:{char}{count}|(?:{char}|{escape}){count})"
    return f'"(?!{ends}){body}(?<!{ends})"' if ends else f'"{body}"'


def _code_points(forbidden: str) -> set[int]:
    """Return what a class of single code points and ranges has."""
    found: set[int] = set()
    for first, last in _RANGE.findall(forbidden):
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def _none_of(codes: set[int]) -> str:
    """Return what refuses the four digits of an escape of one of these: by the first three, then the last."""
    ends: dict[str, str] = {}
    for digits in (f"{code:04x}" for code in sorted(codes)):
        ends[digits[:3]] = ends.get(digits[:3], "") + digits[3]
    forms = (_any_case(start) + f"[{last}{last.upper()}]" for start, last in ends.items())
    return f"(?!{'|'.join(forms)})"


def _any_case(digits: str) -> str:
    return "".join(digit if digit.isdecimal() else f"[{digit}{digit.upper()}]" for digit in digits)


def _refused_pattern(rule: dict[str, Any]) -> str | None:
    rules = rules_of(rule)
    refused = rules.get("not", {})
    return refused["pattern"] if rules.keys() == {"not"} and refused.keys() == {"type", "pattern"} else None
