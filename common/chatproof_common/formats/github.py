"""Workflow commands of GitHub Actions: lines in a step's output that become annotations of a file."""

from typing import Literal

Level = Literal["error", "warning", "notice"]

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
    r"""Return one command, without a line's end: ``::error file=log.ndjson,line=3,title=…::…``.

    Args:
        level: how loud.
        message: may have several lines.
        title: what stands above the message.
        file: the path from the root of the repository, with slashes.
        line: from 1, as the column.
        column: in the line.
    """
    properties = {"file": file, "line": line, "col": column, "title": title}
    said = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items() if value is not None)
    return f"::{level}{' ' if said else ''}{said}::{_escaped(message, _MESSAGE)}"


def _escaped(value: object, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in str(value))
