"""For programs: one JSON document, valid by report.schema.json beside this package's modules."""

import json
from typing import Any, TextIO

from chatproof_common.printable import escaped_json
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.findings import Finding, Tally
from chatproof_schemas.validate.writers import Writer

VERSION = 1


class DocumentWriter(Writer):
    """Writes findings as they come, then the counts."""

    def __init__(self, out: TextIO) -> None:
        """Begin the document."""
        super().__init__(out)
        self._separator = "\n"
        out.write(f'{{"chatproof": "validation", "version": {VERSION}, "findings": [')

    def write(self, finding: Finding) -> None:
        """Write a finding."""
        problem = finding.problem
        members = {
            "level": finding.level,
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "connection": finding.connection,
            "direction": finding.direction and finding.direction.value,
            "code": problem.code,
            "path": problem.path,
            "what": problem.what,
            "expected": problem.expected,
        }
        self._out.write(self._separator + _text(members))
        self._separator = ",\n"

    def close(self, tally: Tally, code: int) -> None:
        """End the document."""
        members = {
            "unreadable": [{"file": one.file, "line": one.line, "why": one.why} for one in tally.unreadable],
            "files": tally.files,
            "messages": tally.messages,
            "invalid": tally.invalid,
            "valid": [_valid(*item) for item in tally.valid_by_size],
            "codes": dict(tally.codes.most_common()),
            "notes": [_note(*item) for item in tally.notes.most_common()],
            "further_notes": tally.further_notes,
            "exit_code": code,
        }
        self._out.write(f"\n], {_text(members)[1:]}\n")
        super().close(tally, code)


def _valid(key: tuple[Direction, str], count: int) -> dict[str, Any]:
    direction, name = key
    return {"direction": direction.value, "type": name, "count": count}


def _note(key: tuple[Direction | None, Problem], count: int) -> dict[str, Any]:
    direction, note = key
    about = {"code": note.code, "path": note.path, "what": note.what}
    return {"direction": direction and direction.value, **about, "count": count}


def _text(value: object) -> str:
    # A lone surrogate (of a file's name, or a connection's) is not text: it becomes a question mark.
    return escaped_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode())
