"""A report as workflow commands of GitHub Actions: printed by a job, they become annotations."""

from collections.abc import Iterator

from chatproof_common.formats.github import Annotations, Level
from chatproof_conformance.core.verdicts import UNKNOWN
from chatproof_conformance.reporting.formats.finding_text import ended_early, finding_text, is_failure, mend_order
from chatproof_conformance.reporting.shape import Report


def render(report: Report) -> str:
    """Return the lines: one for each broken requirement; what GitHub must not drop comes first."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    annotations, strict = Annotations(), report["options"]["strict"]
    early = ended_early(report)
    if report["exit_code"] == UNKNOWN or early:
        yield annotations.line("error", early or report["headline"], title="chatproof")
    for entry in report["baseline"]["broken"] if report["baseline"] else ():
        title = f"The baseline's {entry['requirement']} does not hold"
        yield annotations.line("error", entry["problem"], title=title)
    for row in mend_order(report):
        new = [found for found in row["findings"] if not found["known"]]
        if new and not row["known"]:
            level: Level = "error" if is_failure(row, strict=strict) else "warning"
            title = f"{row['id']} ({row['level']}) {row['sentence']}"
            yield annotations.line(level, finding_text(new[0]), title=title)
    if left := annotations.left():
        yield left
