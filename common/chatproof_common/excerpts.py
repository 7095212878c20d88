"""A few of the lines that a program printed: the first and the last ones, and what names the error between them."""

import re
from collections.abc import Sequence

_NAMES_ERROR = re.compile(r"^\W*(?:[\w.]*(?:Error|Exception)\b|panic:|fatal\b|thread '.*' panicked)")
"""How a line begins that says what is wrong: ``TypeError: …``, ``panic: …``, ``java.io.IOException``."""


def excerpt(lines: Sequence[str], first: int, last: int, gap: str = "…") -> list[str]:
    """Return so many of the first and last lines, and between them the first one that names an error.

    ``gap`` stands where lines are left out; ``{}`` in it becomes how many.
    """
    if len(lines) <= first + last:
        return list(lines)
    middle = lines[first : len(lines) - last]
    at = next((place for place, line in enumerate(middle) if _NAMES_ERROR.match(line)), None)
    parts = [len(middle)] if at is None else [at, middle[at], len(middle) - at - 1]
    kept = [part if isinstance(part, str) else gap.format(part) for part in parts if part]
    return [*lines[:first], *kept, *lines[len(lines) - last :]]
