"""Writes JSON values as Lua, for people: what fits on a line stands on one."""

import json
import re
from typing import Any

_WIDTH = 120


def lua_text(value: Any, indent: str = "") -> str:
    """Return a value as Lua; ``indent`` stands before the lines after the first."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if not isinstance(value, (dict, list, tuple)):
        return str(value)
    inner = f"{indent}    "
    if isinstance(value, dict):
        items = [f"[{_string(name)}] = {lua_text(item, inner)}" for name, item in value.items()]
    else:
        items = [lua_text(item, inner) for item in value]
    on_one_line = f"{{ {', '.join(items)} }}" if items else "{}"
    if "\n" not in on_one_line and len(indent) + len(on_one_line) <= _WIDTH:
        return on_one_line
    lines = "".join(f"{inner}{item},\n" for item in items)
    return f"{{\n{lines}{indent}}}"


def _string(text: str) -> str:
    # JSON's escapes are Lua's but for those of control characters, which no schema has.
    written = json.dumps(text, ensure_ascii=False)
    if re.search(r"(?<!\\)(?:\\\\)*\\[u/]", written):
        raise ValueError(f"{written} cannot be written in Lua; expected no control characters")
    return written
