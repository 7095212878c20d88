"""JSON's grammar of a string, as regular expressions of text or of UTF-8, and which schemas take any string by it.

Text that was decoded from UTF-8 has no lone surrogates but those that are spelt as escapes; these take none of those.
"""

from typing import Any

from chatproof_schemas.schemas import load_schema

NOT_PLAIN = r'"\\\x00-\x1f'
"""The members of a class of characters: what a string holds only as an escape, if at all."""

_HEX = "[0-9a-fA-F]"
_PAIR = rf"[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"

UNIT = rf"(?:[0-9a-cA-CefEF]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}|{_PAIR})"
r"""What follows ``\u`` in the escape of one code point."""

_ESCAPE = rf'\\(?:["\\/bfnrt]|u{UNIT})'
ANY_TEXT = rf'"(?!")[^{NOT_PLAIN}]*(?:{_ESCAPE}[^{NOT_PLAIN}]*)*"'
"""Any string that is not empty. It captures nothing."""

_ANNOTATIONS = {"title", "description", "examples", "$comment"}


def rules_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that judge, of a schema or of the shared definition that it refers to."""
    if "$ref" in schema:
        schema = load_schema("common")["$defs"][schema["$ref"].rpartition("/")[2]]
    return {keyword: rule for keyword, rule in schema.items() if keyword not in _ANNOTATIONS}


def is_any_text(schema: dict[str, Any]) -> bool:
    """Whether a schema takes just what :data:`ANY_TEXT` does."""
    return rules_of(schema) == {"type": "string", "minLength": 1}
