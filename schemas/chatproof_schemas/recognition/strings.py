"""JSON's grammar of strings and other scalars, as regular expressions of text or of UTF-8, and what takes any string.

Text that was decoded from UTF-8 has no lone surrogates but those that are spelt as escapes; these take none of those.
"""

import sys
from typing import Any

from chatproof_schemas.schemas import load_schema

NOT_PLAIN = r'"\\\x00-\x1f'
"""The members of a class of characters: what a string holds only as an escape, if at all."""

_HEX = "[0-9a-fA-F]"
_PAIR = rf"[89abAB]{_HEX * 2}\\u[dD][c-fC-F]{_HEX * 2}"

UNIT = rf"(?:[0-9a-cA-CefEF]{_HEX * 3}|[dD](?:[0-7]{_HEX * 2}|{_PAIR}))"
r"""What follows ``\u`` in the escape of one code point."""

_ESCAPE = rf'\\(?:u{UNIT}|["\\/bfnrt])'
# Python 3.11 and later look for no other way to read it, for which they would go back over every character.
_PLAIN = f"[^{NOT_PLAIN}]*" + ("+" if sys.version_info >= (3, 11) else "")
_REST = rf'{_PLAIN}(?:{_ESCAPE}{_PLAIN})*"'
ANY_TEXT = rf'"(?!"){_REST}'
"""Any string that is not empty. It captures nothing."""

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
ANY_SCALAR = rf'(?:"{_REST}|true|false|null|{_NUMBER})'
"""Any value that is neither an object nor an array. It captures nothing."""

_ANNOTATIONS = {"title", "description", "examples", "$comment"}


def rules_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that judge, of a schema or of the shared definition that it refers to."""
    if "$ref" in schema:
        schema = load_schema("common")["$defs"][schema["$ref"].rpartition("/")[2]]
    return {keyword: rule for keyword, rule in schema.items() if keyword not in _ANNOTATIONS}


def is_any_text(schema: dict[str, Any]) -> bool:
    """Whether a schema takes just what :data:`ANY_TEXT` does."""
    return rules_of(schema) == {"type": "string", "minLength": 1}
