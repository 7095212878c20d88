"""Tells a person what is wrong with which line, and how it stands in all."""

import sys
from collections import Counter
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from chatproof_schemas.printable import printable
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.judging import Judgement
from chatproof_schemas.validate.lines import Line

_BEFORE = 40
_AFTER = 40
_DIRECTIONS = {Direction.CLIENT: "client to server", Direction.SERVER: "server to client"}


class Report:
    """Prints findings on standard output as they come, and everything else on standard error.

    Attributes:
        invalid: how many messages were found invalid so far.
        unreadable: how many files could not be read so far.
    """

    def __init__(self, *, names_direction: bool) -> None:
        """Start with nothing found; ``names_direction``: say in which direction a message was judged."""
        self.invalid = 0
        self.unreadable = 0
        self._names_direction = names_direction
        self._valid_types: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()
        self._findings = Console(file=sys.stdout, highlight=False, emoji=False, soft_wrap=True)
        self._notes = Console(file=sys.stderr, highlight=False, emoji=False, soft_wrap=True)

    def tell(self, name: str, line: Line, judgement: Judgement) -> None:
        """Count a line, and print each thing that is wrong with it."""
        if not judgement.problems:
            self._valid_types[judgement.type] += 1
            return
        self.invalid += 1
        self._codes[judgement.problems[0].code] += 1
        for problem in judgement.problems:
            self._findings.print(self._finding(name, line, judgement, problem))

    def tell_unreadable(self, name: str, why: str) -> None:
        """Print why a file could not be read."""
        self.unreadable += 1
        self._notes.print(Text.assemble((printable(name), "bold"), ": ", (why, "red")))

    def tell_unended(self, name: str, number: int) -> None:
        """Print that the last line has no LF: on the wire it would be no frame yet."""
        self._notes.print(Text(f"{printable(name)}:{number}: note: the last line has no LF; in a stream it is cut off"))

    def sum_up(self) -> None:
        """Print how many messages of which types there were, and how many had which fault."""
        self._findings.file.flush()
        valid = self._valid_types.total()
        style = "red" if self.invalid else "green"
        total = f"{_count(valid + self.invalid, 'message')}, {self.invalid} invalid"
        self._notes.print(Text(total, style=f"bold {style}"))
        for label, counts in (("valid", self._valid_types), ("invalid", self._codes)):
            if counts:
                self._notes.print(Text(f"  {label + ':':9}" + ", ".join(_by_size(counts))))

    def _finding(self, name: str, line: Line, judgement: Judgement, problem: Problem) -> Text:
        column = "" if problem.column is None else f":{problem.column}"
        direction = f", {_DIRECTIONS[judgement.direction]}" if self._names_direction and judgement.direction else ""
        text = Text.assemble(
            (f"{printable(name)}:{line.number}{column}", "bold"),
            ": ",
            (problem.place, "cyan"),
            f": {problem.what}; expected {problem.expected} ",
            (f"[{problem.code}{direction}]", "dim"),
        )
        return text.append(_excerpt(line, problem.column)) if problem.column else text


def _excerpt(line: Line, column: int) -> Text:
    """Return the part of a line around a column, and a mark below the column."""
    text = line.frame.decode("utf-8", "replace")
    at = column - 1
    before = ("…" if at > _BEFORE else "") + text[max(0, at - _BEFORE) : at]
    after = text[at : at + _AFTER] + ("…" if len(text) > at + _AFTER else "")
    before, after = printable(before), printable(after)
    return Text.assemble(f"\n    {before}{after}\n    {' ' * cell_len(before)}", ("^", "bold red"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _by_size(counts: Counter[str]) -> Iterator[str]:
    return (f"{name} {number}" for name, number in counts.most_common())
