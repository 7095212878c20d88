"""A report as workflow commands of GitHub Actions: printed by a job, they become annotations."""

from collections.abc import Iterator

from chatproof_common.formats.github import Level, annotation
from chatproof_conformance.core.verdicts import UNKNOWN
from chatproof_conformance.reporting.formats.finding_text import finding_text, is_failure
from chatproof_conformance.reporting.shape import Report


def render(report: Report) -> str:
    """Return the lines: one for each broken requirement, since GitHub shows ten of a step and no more."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    strict = report["options"]["strict"]
    for row in report["requirements"]:
        new = [found for found in row["findings"] if not found["known"]]
        if new and not row["known"]:
            level: Level = "error" if is_failure(row, strict=strict) else "warning"
            yield annotation(level, finding_text(new[0]), title=f"{row['id']} ({row['level']}) {row['sentence']}")
    for entry in report["baseline"]["broken"] if report["baseline"] else ():
        yield annotation("error", entry["problem"], title=f"The baseline's {entry['requirement']} does not hold")
    if report["exit_code"] == UNKNOWN or report["gone"]:
        yield annotation("error", report["gone"] or report["headline"], title="chatproof")
