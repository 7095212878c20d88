"""Puts reports side by side: a row for each requirement, what differs first, and how it changed."""

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_common.command_line.files import is_there
from chatproof_common.printable import printable, shortened
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN, Verdict
from chatproof_conformance.reporting.shape import Report, RequirementJson, read_report
from chatproof_conformance.reporting.wording import SIGNS, plural
from chatproof_schemas import Level, requirements

_LONGEST_NAME = 60
_BROKEN = (Verdict.FAIL, Verdict.WARNING)
_UNCERTAIN = (Verdict.BLOCKED, Verdict.INCONCLUSIVE)


class Change(str, enum.Enum):
    """How a requirement changed from the first report to the last."""

    REGRESSION = "regression"
    """It passed, and is broken in a way that no baseline knows."""
    LOST = "uncertain now"
    """It passed, and was blocked or inconclusive in the last report."""
    FIXED = "fixed"
    """It was broken, and passes."""
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement.

    Attributes:
        id: such as ``JOIN-3``.
        level: ``MUST`` or ``SHOULD``.
        sentence: of SPEC.md.
        cells: its part of each report, in the order of the columns; None if a report lacks it.
    """

    id: str
    level: str
    sentence: str
    cells: tuple[RequirementJson | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the verdicts differ."""
        return len({cell["verdict"] if cell else None for cell in self.cells}) > 1

    @property
    def change(self) -> Change:
        """How it changed from the first report to the last."""
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
        reports: by the name of their column, in the order given.
        rows: the requirements that any report has: regressions first, then the others that differ, then those that
            do not, each group in the order of SPEC.md.
    """

    reports: Mapping[str, Report]
    rows: tuple[Row, ...]

    @property
    def headline(self) -> str:
        """The outcome as a sentence."""
        differing = sum(row.differs for row in self.rows)
        if not differing:
            return f"{plural(len(self.reports), 'report')}, no difference in {plural(len(self.rows), 'requirement')}."
        first, *_, last = self.reports
        counts = Counter(row.change for row in self.rows)
        words = {change: f"{counts[change]} {change.value}" for change in Change if change is not Change.OTHER}
        words[Change.REGRESSION] = plural(counts[Change.REGRESSION], Change.REGRESSION.value)
        changes = ", ".join(text for change, text in words.items() if counts[change]) or "no regression"
        return f"{plural(differing, 'requirement')} differ{'s' * (differing == 1)}. From {first} to {last}: {changes}."

    def split_rows(self) -> dict[str, list[Row]]:
        """Return the rows under their headings: those that differ and those that do not; no heading without a row."""
        parts = {"What differs": True, "What is the same in all": False}
        rows = {heading: [row for row in self.rows if row.differs is differs] for heading, differs in parts.items()}
        return {heading: found for heading, found in rows.items() if found}

    def exit_code(self, *, strict: bool) -> int:
        """Return 1 if a MUST (``strict``: or a SHOULD) passed in the first report and is broken in the last.

        Otherwise 2 if one passed and is uncertain now, otherwise 0.
        """
        changes = {row.change for row in self.rows if strict or row.level == Level.MUST}
        if Change.REGRESSION in changes:
            return BROKEN
        return UNKNOWN if Change.LOST in changes else CONFORMS


def read_reports(words: Sequence[str]) -> dict[str, Report]:
    """Read the reports that words name as ``FILE`` or ``NAME=FILE``; return them by name.

    Without a name a report is called after what was checked, or if several are alike, after its file.

    Raises:
        DocumentError: if one cannot be read or is not a report, names are not unique, or servers and clients are mixed.
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
    return dict(zip(names, reports, strict=True))


def file_of(word: str) -> str:
    """Return the file that ``FILE`` or ``NAME=FILE`` names."""
    return _split(word)[1]


def make_matrix(reports: Mapping[str, Report]) -> Matrix:
    """Put reports side by side."""
    cells = [{row["id"]: row for row in report["requirements"]} for report in reports.values()]
    ids = dict.fromkeys(id_ for found in cells for id_ in found)
    order = {id_: place for place, id_ in enumerate(requirements())}
    rows = [_row(id_, tuple(found.get(id_) for found in cells)) for id_ in ids]
    changes = list(Change)
    rows.sort(key=lambda row: (not row.differs, changes.index(row.change), order.get(row.id, len(order))))
    return Matrix(reports, tuple(rows))


def cell_text(cell: RequirementJson | None) -> str:
    """Return a report's verdict on a requirement: a sign and a word."""
    if cell is None:
        return "not in it"
    return f"{SIGNS[cell['verdict']]} {cell['verdict']}" + " (known)" * cell["known"]


def _split(word: str) -> tuple[str, str]:
    """Return name and file; an existing file whose name has an equals sign needs no other name."""
    name, equals, file = word.partition("=")
    return ("", word) if not equals or not name or is_there(word) else (name, file)


def _row(id_: str, cells: tuple[RequirementJson | None, ...]) -> Row:
    newest = next(cell for cell in reversed(cells) if cell)
    return Row(id_, newest["level"], newest["sentence"], cells)
