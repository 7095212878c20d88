"""From the schema of a member to a regular expression of its value, as :func:`spell_simply` spells it.

An expression takes nothing that the schema refuses. It may refuse what the schema takes, and there is none at all for a
schema with a rule that is not known here: then only parsing can tell.
"""

import json
import re
from typing import Any

from chatproof_schemas.schemas import load_schema

_ANNOTATIONS = {"title", "description", "examples", "$comment"}
_NOT_PLAIN = r'"\\\x00-\x1f\ud800-\udfff'
_PAIR = r"[\ud800-\udbff][\udc00-\udfff]"
_ESCAPE = r'\\["\\/bfnrt]'
# Those that stand for printable ASCII: what a class of control characters forbids, they are not.
_PRINTABLE_ESCAPE = r'\\["\\/]'
_CLASS = re.compile(r"\[((?:\\u[0-9a-fA-F]{4}|[^\[\]^\\])+)\]", re.ASCII)
_TIME_LIKE = re.compile(r"\^([0-9:()|\[\]-]+)\$")
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_NO_SPACE_AT_THE_ENDS = "^ | $"


def value_form(schema: dict[str, Any]) -> str | None:
    """Return an expression without groups that capture; None where there is none for such a schema."""
    if "$ref" in schema:
        schema = load_schema("common")["$defs"][schema["$ref"].rpartition("/")[2]]
    rules = {keyword: rule for keyword, rule in schema.items() if keyword not in _ANNOTATIONS}
    if rules.keys() <= {"const", "enum"} and rules:
        return _one_of([rules["const"]] if "const" in rules else rules["enum"])
    if rules == {"type": "boolean"}:
        return "(?:true|false)"
    if rules == {"type": "string", "minLength": 1}:
        return _text()
    if rules.get("type") == "string" and rules.keys() <= {"type", "maxLength", "pattern"}:
        return _time_like(rules.get("pattern", ""), rules.get("maxLength"))
    if rules.get("type") == "string" and rules.keys() == {"type", "minLength", "maxLength", "allOf"}:
        return _name(rules)
    return None


def _one_of(values: list[Any]) -> str | None:
    if not all(isinstance(value, str) and re.fullmatch(r"\w+", value, re.ASCII) for value in values):
        return None
    return f"(?:{'|'.join(map(json.dumps, values))})"


def _text() -> str:
    """Return the form of any string that is not empty."""
    plain = f"[^{_NOT_PLAIN}]*"
    return f'"(?!"){plain}(?:(?:{_ESCAPE}|{_PAIR}){plain})*"'


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
    # An escape, a stand-in and a surrogate pair count as one character each; none that they may stand for is forbidden.
    if not forbidden.isascii() or re.search(f"[{forbidden}]", _VISIBLE):
        return None
    char = f"[^{_NOT_PLAIN}{forbidden}]"
    count = f"{{{rules['minLength']},{rules['maxLength']}}}"
    body = f"(?:{char}{count}|(?:{char}|{_PRINTABLE_ESCAPE}|{_PAIR}){count})"
    return f'"(?!{ends}){body}(?<!{ends})"' if ends else f'"{body}"'


def _refused_pattern(rule: dict[str, Any]) -> str | None:
    rules = {keyword: value for keyword, value in rule.items() if keyword not in _ANNOTATIONS}
    refused = rules.get("not", {})
    return refused["pattern"] if rules.keys() == {"not"} and refused.keys() == {"type", "pattern"} else None
