"""A report as SARIF: a rule for each requirement, a result for each finding; what is known by a baseline is suppressed.

A running server is not a file, yet whoever reads SARIF asks for one: a result stands at the recording, at the program
that the command line starts, or else at the requirement in SPEC.md. Its case is its logical place.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from chatproof_common.formats.sarif import Json, Rule, file_uri, invocation, result, sarif_document
from chatproof_common.system.shell_words import split_words
from chatproof_conformance.baseline.entries import FORM as BASELINE_FORM
from chatproof_conformance.core.verdicts import UNKNOWN
from chatproof_conformance.reporting.formats.finding_text import ended_early, finding_text, is_failure
from chatproof_conformance.reporting.shape import FindingJson, Report, RequirementJson
from chatproof_schemas.catalogue import requirements, specification_uri

_BASELINE = Rule("baseline", "An entry of a baseline does not hold.", help_uri=BASELINE_FORM.place)
_SPECIFICATION = "SPEC.md"


def render(report: Report) -> str:
    """Return the text of the file."""
    rules = [
        Rule(row["id"], row["sentence"], "error" if row["level"] == "MUST" else "warning", specification_uri(row["id"]))
        for row in report["requirements"]
    ]
    tool = report["tool"]
    return sarif_document(tool["name"], tool["version"], [*rules, _BASELINE], _results(report), _invocation(report))


def _results(report: Report) -> Iterator[Json]:
    for row in report["requirements"]:
        for found in row["findings"]:
            yield _result(row, found, report)
    baseline = report["baseline"] or {"file": "", "broken": ()}
    for entry in baseline["broken"]:
        said = f"{entry['requirement']}: {entry['problem']}"
        yield result(_BASELINE.id, said, uri=file_uri(baseline["file"]), properties={"case": entry["case"]})


def _result(row: RequirementJson, found: FindingJson, report: Report) -> Json:
    checked, known = report["checked"], found["known"]
    uri, line = _place(row["id"], found, report)
    return result(
        row["id"],
        f"{row['sentence']}\n{finding_text(found)}",
        uri=uri,
        line=line,
        level="error" if is_failure(row, strict=report["options"]["strict"]) else "warning",
        logical=found["case"],
        fingerprints={"requirementCase/v1": f"{row['id']}/{found['case']}"},
        properties={"checked": checked["name"], "failures": found["failures"], "attempts": found["attempts"]},
        suppressed=f"until {known['expires']}: {known['reason']}" if known else None,
    )


def _place(requirement: str, found: FindingJson, report: Report) -> tuple[str, int]:
    """Return the file in which a result stands, and the line."""
    checked = report["checked"]
    if checked["recording"]:
        # Its first line says what it is; each event has one.
        return file_uri(checked["recording"]), 1 if found["event"] is None else found["event"] + 2
    program = _program(checked["name"])
    return (file_uri(program), 1) if program else (_SPECIFICATION, requirements()[requirement].line)


def _program(command: str) -> str | None:
    """Return the first file below the current folder that a command line names; None if it names none, or is none."""
    try:
        words = split_words(command)
    except ValueError:
        return None
    here = Path.cwd().resolve()
    with contextlib.suppress(OSError, ValueError):  # a word that no path can hold
        paths = ((here / word).resolve() for word in words)
        return next((str(path.relative_to(here)) for path in paths if path.is_file() and here in path.parents), None)
    return None


def _invocation(report: Report) -> Json:
    started = datetime.fromisoformat(report["started"])
    early = ended_early(report)
    open_ = [row for row in report["requirements"] if row["verdict"] in ("blocked", "inconclusive")]
    notes = [f"{row['id']}: {row['verdict']}: {row['reason']}" for row in open_]
    return invocation(
        successful=report["exit_code"] != UNKNOWN and not early,
        exit_code=report["exit_code"],
        command_line=report["repeat"],
        started=started,
        ended=started + timedelta(seconds=report["seconds"]),
        notifications=(*([early] if early else []), *notes),
        properties={"implementation": report["implementation"], "seed": report["seed"]},
    )
