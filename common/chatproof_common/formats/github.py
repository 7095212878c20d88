"""Workflow commands of GitHub Actions: lines in a step's output that become annotations of a file."""

from typing import Literal

Level = Literal["error", "warning", "notice"]

_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _MESSAGE | {":": "%3A", ",": "%2C"}


def annotation(  # noqa: PLR0913  the properties that the command has, each by its name
    level: Level,
    message: str,
    *,
    title: str | None = None,
    file: str | None = None,
    line: int | None = None,
    end_line: int | None = None,
    column: int | None = None,
    end_column: int | None = None,
) -> str:
    r"""Return one command, without a line's end: ``::error file=log.ndjson,line=3,title=…::…``.

    Args:
        level: how loud.
        message: what to say; may have several lines.
        title: what stands above the message.
        file: the path from the root of the repository, with slashes.
        line: from 1, as all the numbers; GitHub shows columns only where the line ends the annotation too.
        end_line: the last line, inclusive.
        column: where in the line.
        end_column: where it ends, inclusive.
    """
    properties = {
        "file": file,
        "line": line,
        "endLine": end_line,
        "col": column,
        "endColumn": end_column,
        "title": title,
    }
    said = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items() if value is not None)
    return f"::{level}{' ' if said else ''}{said}::{_escaped(message, _MESSAGE)}"


def _escaped(value: object, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in str(value))
