"""Writes JSON for people: what fits on a line stands on one."""

import json
from typing import Any

_WIDTH = 100


def json_text(value: Any, indent: str = "") -> str:
    """Return a value as JSON; ``indent`` stands before the lines after the first."""
    on_one_line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(indent) + len(on_one_line) <= _WIDTH:
        return on_one_line
    inner = f"{indent}  "
    if isinstance(value, list):
        items = [json_text(item, inner) for item in value]
    else:
        items = [f"{json.dumps(name, ensure_ascii=False)}: {json_text(item, inner)}" for name, item in value.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    separator = f",\n{inner}"
    return f"{opening}\n{inner}{separator.join(items)}\n{indent}{closing}"
