"""JUnit XML: a suite for each file, and in it a case for each rule, so that its cases are the same from run to run."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from chatproof_common.formats.junit import Case, Failure, Suite, write_junit
from chatproof_schemas.validate.findings import RULES, Finding, Tally, Unreadable
from chatproof_schemas.validate.writers import Writer

_MOST_LINES = 100


@dataclass(slots=True)
class _File:
    """What was found in a file; of each rule only the first findings are kept in words."""

    name: str
    errors: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


class ResultWriter(Writer):
    """Keeps the first findings of each file and rule, and writes all at the end: counts stand before cases."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self._files: list[_File] = []

    def begin_file(self, name: str) -> None:
        """Begin a suite."""
        self._files.append(_File(name))

    def write(self, finding: Finding) -> None:
        """Keep a finding, or count it."""
        file, code = self._files[-1], finding.problem.code
        file.errors[code] += finding.level == "error"
        lines = file.lines.setdefault(code, [])
        if len(lines) < _MOST_LINES:
            column = "" if finding.column is None else f", column {finding.column}"
            note = "note: " if finding.level == "note" else ""
            lines.append(f"line {finding.line}{column}: {note}{finding.sentence}")

    def write_unreadable(self, unreadable: Unreadable) -> None:
        """Keep why a file could not be read."""
        place = "" if unreadable.line is None else f"line {unreadable.line}: "
        self._files[-1].unreadable.append(place + unreadable.why)

    def close(self, tally: Tally, code: int) -> None:
        """Write the document."""
        write_junit(self._out, map(_suite, self._files), "chatproof validate")
        super().close(tally, code)


def _suite(file: _File) -> Suite:
    why = "\n".join(file.unreadable)
    readable = Case("readable", file.name, error=Failure(why, why, "unreadable") if why else None)
    return Suite(file.name, [readable, *(_case(file, rule) for rule in RULES)])


def _case(file: _File, rule: str) -> Case:
    lines, errors = file.lines.get(rule, []), file.errors[rule]
    if not errors:
        return Case(rule, file.name, output="\n".join(lines))
    more = f"\n… {errors - len(lines)} more" if errors > len(lines) else ""
    message = f"{errors} finding{'' if errors == 1 else 's'}: {RULES[rule]}"
    return Case(rule, file.name, failure=Failure(message, "\n".join(lines) + more, rule))
