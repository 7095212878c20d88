"""Workflow commands of GitHub Actions: lines in a step's output that become annotations of a file."""

from collections import Counter
from typing import Any, Literal

from chatproof_common.printable import indented, printable, readable
from chatproof_common.system.streams import without_commands

Level = Literal["error", "warning", "notice"]
_MOST = 10
"""Of each level in a step: GitHub drops what is beyond, and says nothing of it."""

_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _MESSAGE | {":": "%3A", ",": "%2C"}


def annotation(  # noqa: PLR0913  the properties that we use of those that the command has
    level: Level,
    message: str,
    *,
    title: str | None = None,
    file: str | None = None,
    line: int | None = None,
    column: int | None = None,
) -> str:
    r"""Return one command, without a line's end: ``::error file=log.ndjson,line=3,title=…::…``; its texts are readable.

    Args:
        level: how loud.
        message: may have several lines.
        title: what stands above the message.
        file: the path from the root of the repository, with slashes.
        line: from 1, as the column.
        column: in the line.
    """
    properties = {"file": file, "line": line, "col": column, "title": title and readable(title)}
    said = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items() if value is not None)
    return f"::{level}{' ' if said else ''}{said}::{_escaped(readable(message), _MESSAGE)}"


class Annotations:
    """Those of one step: as many commands of each level as GitHub shows; what is beyond becomes lines of the log."""

    def __init__(self) -> None:
        """Begin with none."""
        self._given: Counter[Level] = Counter()

    def line(self, level: Level, message: str, **properties: Any) -> str:
        """Return the line of one, without its end; its properties are those of :func:`annotation`."""
        self._given[level] += 1
        if self._given[level] <= _MOST:
            return annotation(level, message, **properties)
        named = (properties.get(name) for name in ("file", "line", "column"))
        place = ":".join(str(value) for value in named if value is not None)
        said = ": ".join(filter(None, (printable(place), level, properties.get("title"), message)))
        return without_commands(indented(said, 2))

    def left(self) -> str:
        """Return how many are not shown as annotations; empty if all are."""
        beyond = {level: number - _MOST for level, number in self._given.items() if number > _MOST}
        counts = [f"{number} more {level}{'s' * (number > 1)}" for level, number in beyond.items()]
        if not counts:
            return ""
        return f"{' and '.join(counts)} in the log only: GitHub shows {_MOST} annotations of each level in a step"


def _escaped(value: object, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in str(value))
