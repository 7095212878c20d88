"""A report as JUnit XML: a test for each requirement, as CI services list and compare them."""

from collections.abc import Iterator
from datetime import datetime

from chatproof_common.formats.junit import Case, Failure, Suite, junit_document
from chatproof_conformance.reporting.formats.finding_text import ended_early, finding_text, is_failure
from chatproof_conformance.reporting.shape import Report, RequirementJson


def render(report: Report) -> str:
    """Return the text of the file."""
    name = f"chatproof {report['checked']['role']}"
    properties = {
        "checked": report["checked"]["name"],
        **{f"implementation.{name}": text for name, text in report["implementation"].items() if text},
        "chatproof": report["tool"]["version"],
        **({} if report["seed"] is None else {"seed": str(report["seed"])}),
        "repeat": report["repeat"],
        "headline": report["headline"],
    }
    started = datetime.fromisoformat(report["started"])
    return junit_document([Suite(name, tuple(_cases(report)), started, report["seconds"], properties)])


def _cases(report: Report) -> Iterator[Case]:
    strict = report["options"]["strict"]
    yield from (_case(row, strict=strict) for row in report["requirements"])
    for entry in report["baseline"]["broken"] if report["baseline"] else ():
        name = entry["requirement"] + (f" in {entry['case']}" if entry["case"] else "")
        yield Case(name, "chatproof.baseline", failure=Failure(entry["problem"], type="baseline"))
    early = ended_early(report)
    if early:
        yield Case("the run", "chatproof", error=Failure(early, type="gone" if report["gone"] else "interrupted"))


def _case(row: RequirementJson, *, strict: bool) -> Case:
    texts = "\n\n".join(map(finding_text, row["findings"]))
    first = row["findings"][0] if row["findings"] else None
    message = f"expected {first['expected']}; got {first['actual']}" if first else row["reason"]
    failure = error = skipped = None
    if is_failure(row, strict=strict):
        failure = Failure(message, texts, row["level"])
    elif row["known"]:
        skipped = f"known: {_reasons(row) or row['reason']}"
    elif row["verdict"] in ("blocked", "inconclusive"):
        error = Failure(message, type=row["verdict"])
    elif row["verdict"] == "not tested":
        skipped = message
    name, group = f"{row['id']} {row['sentence']}", f"chatproof.{row['section']}"
    return Case(name, group, row["seconds"], failure, error, skipped, "" if failure else texts)


def _reasons(row: RequirementJson) -> str:
    return "; ".join(dict.fromkeys(found["known"]["reason"] for found in row["findings"] if found["known"]))
