"""A report as SARIF: a rule for each requirement, a result for each finding; what is known by a baseline is suppressed.

A running server is not a file: the place of a result is its case, and for a recording the file too.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chatproof_common.formats.sarif import Json, Rule, file_uri, invocation, result, sarif_document
from chatproof_conformance.core.verdicts import UNKNOWN
from chatproof_conformance.reporting.formats.finding_text import finding_text, is_failure
from chatproof_conformance.reporting.shape import FindingJson, Report, RequirementJson

_BASELINE = Rule("baseline", "An entry of a baseline does not hold.")


def render(report: Report) -> str:
    """Return the text of the file."""
    rules = [
        Rule(row["id"], row["sentence"], level="error" if row["level"] == "MUST" else "warning")
        for row in report["requirements"]
    ]
    tool = report["tool"]
    return sarif_document(tool["name"], tool["version"], [*rules, _BASELINE], _results(report), _invocation(report))


def _results(report: Report) -> Iterator[Json]:
    for row in report["requirements"]:
        for found in row["findings"]:
            yield _result(row, found, report)
    for entry in report["baseline"]["broken"] if report["baseline"] else ():
        yield result(_BASELINE.id, f"{entry['requirement']}: {entry['problem']}", properties={"case": entry["case"]})


def _result(row: RequirementJson, found: FindingJson, report: Report) -> Json:
    checked = report["checked"]
    uri = file_uri(checked["recording"]) if checked["recording"] else None
    known = found["known"]
    return result(
        row["id"],
        f"{row['sentence']}\n{finding_text(found)}",
        level="error" if is_failure(row, strict=report["options"]["strict"]) else "warning",
        uri=uri,
        logical=found["case"],
        fingerprints={"requirementCase/v1": f"{row['id']}/{found['case']}"},
        properties={"checked": checked["name"], "failures": found["failures"], "attempts": found["attempts"]},
        suppressed=f"until {known['expires']}: {known['reason']}" if known else None,
    )


def _invocation(report: Report) -> Json:
    started = datetime.fromisoformat(report["started"])
    open_ = [row for row in report["requirements"] if row["verdict"] in ("blocked", "inconclusive")]
    notes = [f"{row['id']}: {row['verdict']}: {row['reason']}" for row in open_]
    return invocation(
        successful=report["exit_code"] != UNKNOWN and not report["gone"],
        exit_code=report["exit_code"],
        command_line=report["repeat"],
        started=started,
        ended=started + timedelta(seconds=report["seconds"]),
        notifications=(*([report["gone"]] if report["gone"] else []), *notes),
    )
