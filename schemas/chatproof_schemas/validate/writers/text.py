"""For people: a line for each finding, and below it the place in the message."""

from typing import TextIO

from chatproof_common.printable import printable
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.findings import Finding
from chatproof_schemas.validate.styled import Part, Styled
from chatproof_schemas.validate.writers import Writer

_SHOWN_EACH_SIDE = 40
_DIRECTIONS = {Direction.CLIENT: "client to server", Direction.SERVER: "server to client"}


class TextWriter(Writer):
    """Writes findings as they come; counts and unreadable files are for standard error (see ``report``)."""

    def __init__(self, out: TextIO, *, names_direction: bool) -> None:
        """Write to a stream; ``names_direction``: name the direction in which a message was judged."""
        super().__init__(out)
        self._names_direction = names_direction
        self._styled = Styled(out)

    def write(self, finding: Finding) -> None:
        """Write a finding."""
        self._styled.print(*self._line(finding), *_excerpt(finding))

    def _line(self, finding: Finding) -> list[Part]:
        problem = finding.problem
        column = "" if finding.column is None else f":{finding.column}"
        return [
            (f"{printable(finding.file)}:{finding.line}{column}", "bold"),
            (": ", ""),
            ("note: " if finding.level == "note" else "", "blue"),
            (problem.place, "cyan"),
            (f": {problem.what}; expected {problem.expected} ", ""),
            (f"[{', '.join(self._remarks(finding))}]", "dim"),
        ]

    def _remarks(self, finding: Finding) -> list[str]:
        remarks = [finding.problem.code]
        if finding.connection is not None:
            remarks.append(f"connection {printable(finding.connection)}")
        if finding.direction and (self._names_direction or finding.connection is not None):
            remarks.append(_DIRECTIONS[finding.direction])
        return remarks


def _excerpt(finding: Finding) -> list[Part]:
    """Return the part of the message around the fault, and a mark below it."""
    if not finding.problem.column:
        return []
    text = finding.frame.decode("utf-8", "replace")
    at = finding.problem.column - 1
    before = printable(("…" if at > _SHOWN_EACH_SIDE else "") + text[max(0, at - _SHOWN_EACH_SIDE) : at])
    after = printable(text[at : at + _SHOWN_EACH_SIDE] + ("…" if len(text) > at + _SHOWN_EACH_SIDE else ""))
    return [(f"\n    {before}{after}\n    {' ' * _width(before)}", ""), ("^", "bold red")]


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415  most lines do without it

    return cell_len(text)
