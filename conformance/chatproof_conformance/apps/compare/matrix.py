"""Puts reports side by side: a row for each requirement, what differs first, and what became of it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_common.printable import printable, shortened
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN, Verdict
from chatproof_conformance.reporting.shape import Report, RequirementJson, read_report
from chatproof_schemas import Level, requirements

_LONGEST_NAME = 60
_BROKEN = (Verdict.FAIL, Verdict.WARNING)
_UNCERTAIN = (Verdict.BLOCKED, Verdict.INCONCLUSIVE)


class Change(str, enum.Enum):
    """What became of a requirement from the first report to the last."""

    REGRESSION = "regression"
    """It passed, and is broken, not in a way that a baseline knows."""
    LOST = "uncertain now"
    """It passed, and nothing is known any more, though it was tried."""
    FIXED = "fixed"
    """It was broken, and passes."""
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A report.

    Attributes:
        name: unique among the columns.
        report: all of it.
    """

    name: str
    report: Report


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement.

    Attributes:
        id: such as ``JOIN-3``.
        level: ``MUST`` or ``SHOULD``.
        sentence: of SPEC.md.
        cells: what each report says of it, in the order of the columns; None where it says nothing.
    """

    id: str
    level: str
    sentence: str
    cells: tuple[RequirementJson | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the reports say different things."""
        return len({cell["verdict"] if cell else None for cell in self.cells}) > 1

    @property
    def change(self) -> Change:
        """What became of it from the first report to the last."""
        first, last = (cell["verdict"] if cell else None for cell in (self.cells[0], self.cells[-1]))
        if self.cells[-1] and self.cells[-1]["known"]:
            return Change.OTHER
        if first == Verdict.PASS and last in _BROKEN:
            return Change.REGRESSION
        if first == Verdict.PASS and last in _UNCERTAIN:
            return Change.LOST
        return Change.FIXED if first in _BROKEN and last == Verdict.PASS else Change.OTHER


@dataclass(frozen=True, slots=True)
class Matrix:
    """Reports side by side.

    Attributes:
        columns: the reports, in the order given.
        rows: the requirements that any of them speaks of: regressions first, then the others that differ, then those
            that do not, each group in the order of SPEC.md.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def changed(self, change: Change) -> list[Row]:
        """Return the rows of which this became."""
        return [row for row in self.rows if row.change is change]

    def exit_code(self, *, strict: bool) -> int:
        """Return 1 where a MUST (``strict``: or a SHOULD) passed in the first report and is broken in the last.

        Else 2 where one passed and nothing is known of it any more, else 0.
        """
        counted = [row for row in self.rows if strict or row.level == Level.MUST]
        changes = {row.change for row in counted}
        if Change.REGRESSION in changes:
            return BROKEN
        return UNKNOWN if Change.LOST in changes else CONFORMS


def read_columns(words: Sequence[str]) -> tuple[Column, ...]:
    """Read the reports that words name as ``FILE`` or ``NAME=FILE``.

    Without a name a report is called after what was checked, or where several are alike, after its file.

    Raises:
        DocumentError: where one cannot be read or is no report, names are not unique, or servers and clients are mixed.
    """
    named = [_split(word) for word in words]
    reports = [read_report(file) for _, file in named]
    if len({report["checked"]["role"] == Role.CLIENT.value for report in reports}) > 1:
        raise DocumentError("some are reports of clients and some of servers: these have no requirement in common")
    checked = [shortened(printable(report["checked"]["name"]), _LONGEST_NAME) for report in reports]
    stems = [Path(file).stem for _, file in named]
    free = next((names for names in (checked, stems) if len(set(names)) == len(names)), [file for _, file in named])
    names = [printable(name) or free[place] for place, (name, _) in enumerate(named)]
    for name in names:
        if names.count(name) > 1:
            raise DocumentError(f"two reports are called {name}; name them: FIRST=FILE SECOND=FILE")
    return tuple(Column(name, report) for name, report in zip(names, reports, strict=True))


def make_matrix(columns: Sequence[Column]) -> Matrix:
    """Return the reports side by side."""
    cells = [{row["id"]: row for row in column.report["requirements"]} for column in columns]
    ids = dict.fromkeys(id_ for found in cells for id_ in found)
    order = {id_: place for place, id_ in enumerate(requirements())}
    rows = [_row(id_, tuple(found.get(id_) for found in cells)) for id_ in ids]
    changes = list(Change)
    rows.sort(key=lambda row: (not row.differs, changes.index(row.change), order.get(row.id, len(order))))
    return Matrix(tuple(columns), tuple(rows))


def _split(word: str) -> tuple[str, str]:
    """Return name and file: a file whose own name holds an equals sign needs no name where it is there."""
    name, equals, file = word.partition("=")
    return ("", word) if not equals or not name or Path(word).exists() else (name, file)


def _row(id_: str, cells: tuple[RequirementJson | None, ...]) -> Row:
    newest = next(cell for cell in reversed(cells) if cell)
    return Row(id_, newest["level"], newest["sentence"], cells)
