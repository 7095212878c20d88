"""Writes JSON values as YAML, so that people can read them and no package is needed for it.

Every scalar that could be taken for anything but itself is written as JSON, which YAML 1.2 contains.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"[A-Za-z$][A-Za-z0-9_./() -]*[A-Za-z0-9_.)]|[A-Za-z]{2}")
_MEANS_SOMETHING = {"true", "false", "null", "yes", "no", "on", "off"}


def yaml_text(value: dict[str, Any]) -> str:
    """Return an object as a YAML document."""
    return "\n".join(_object(value, "")) + "\n"


def _object(value: dict[str, Any], indent: str) -> Iterator[str]:
    for name, item in value.items():
        yield from _after(f"{indent}{_scalar(name)}:", item, f"{indent}  ")


def _after(start: str, item: Any, indent: str) -> Iterator[str]:
    if isinstance(item, dict) and item:
        yield start
        yield from _object(item, indent)
    elif isinstance(item, list) and item:
        yield start
        for element in item:
            yield from _element(element, indent)
    else:
        yield f"{start} {_scalar(item)}"


def _element(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        first, *rest = _object(value, f"{indent}  ")
        yield f"{indent}- {first.strip()}"
        yield from rest
    else:
        yield from _after(f"{indent}-", value, f"{indent}  ")


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _MEANS_SOMETHING:
        return value
    return json.dumps(value, ensure_ascii=False)
