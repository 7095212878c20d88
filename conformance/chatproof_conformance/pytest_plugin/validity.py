"""Whether a message is valid, for an assertion that says what is wrong with it."""

import json
from collections.abc import Sequence
from typing import Any

from chatproof_common.printable import printable, shortened
from chatproof_schemas import Direction, FrameRefused, Problem, find_problems, read_frame

_WAYS = {Direction.CLIENT: "from client to server", Direction.SERVER: "from server to client"}
_LONGEST = 300


def read_message(message: Any, direction: Direction | str) -> tuple[dict[str, Any], str]:
    """Return a message as a dict, and what keeps it from being valid: nothing if it is.

    Raises:
        ValueError: if there is no such direction.
    """
    way = Direction(direction)
    if not isinstance(message, (str, bytes)):
        return message, _problems_text(message, way, find_problems(message, way))
    try:
        return read_frame(message.encode() if isinstance(message, str) else message, way), ""
    except FrameRefused as refused:
        return {}, _problems_text(message, way, refused.problems)


def _problems_text(message: Any, way: Direction, problems: Sequence[Problem]) -> str:
    """Return each problem as a difference: what is, and what would be right."""
    if not problems:
        return ""
    lines = [f"no valid message {_WAYS[way]}:", f"  {_shown(message)}"]
    for problem in problems:
        column = "" if problem.column is None else f", column {problem.column}"
        lines += [f"{problem.place}{column}", f"  - {problem.what}", f"  + {problem.expected}"]
    return "\n".join(lines)


def _shown(message: Any) -> str:
    if isinstance(message, bytes):
        text = message.decode("utf-8", "backslashreplace")
    else:
        text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False, default=repr)
    return printable(shortened(text, _LONGEST))
