"""A finished run as the data of a report (see shape.py), from which every other form is made."""

import dataclasses
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chatproof_conformance.baseline.entries import Entry
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.core.verdicts import RequirementResult, Verdict
from chatproof_conformance.reporting.shape import (
    FORM,
    VERSION,
    BaselineJson,
    EvidenceJson,
    FindingJson,
    KnownJson,
    Report,
    RequirementJson,
    StepJson,
)
from chatproof_conformance.reporting.summary import Summary, distinct
from chatproof_conformance.reporting.traffic_steps import steps_of
from chatproof_schemas import requirements

if TYPE_CHECKING:
    from chatproof_schemas.transcript import Framing


def document_of(summary: Summary) -> Report:
    """Return everything that a run has to say, as JSON values, in one order each time."""
    options = summary.options
    return {
        "chatproof": FORM.kind,
        "version": VERSION,
        "tool": {"name": "chatproof", "version": version("chatproof")},
        "checked": {
            "role": summary.role,
            "name": summary.described,
            "recording": str(summary.recording) if summary.recording else None,
        },
        "started": summary.started.isoformat(timespec="seconds"),
        "seconds": round(summary.seconds, 3),
        "seed": summary.seed,
        "options": {
            "selection": list(options.selection),
            "framing": options.framing,
            "budget": options.budget,
            "strict": summary.strict,
        },
        "repeat": summary.whole_command(),
        "exit_code": summary.exit_code,
        "headline": summary.headline,
        "gone": summary.gone,
        "totals": _totals(summary),
        "cases": 0 if summary.seed is None else len(summary.cases),
        "evidence": _counted(summary.evidence()),
        "baseline": _baseline(summary),
        "requirements": [_judged(result, summary) for result in summary.judged],
    }


def _totals(summary: Summary) -> dict[str, int]:
    counts = summary.counts()
    known = [result for result in summary.judged if result.findings and summary.is_accepted(result)]
    return {
        "requirements": len(summary.judged),
        **{verdict.value: counts[verdict] for verdict in Verdict},
        "known": len(known),
    }


def _judged(result: RequirementResult, summary: Summary) -> RequirementJson:
    row = result.requirement
    drawn = distinct(result.findings)
    return {
        "id": row.id,
        "section": row.section,
        "level": row.level.value,
        "sentence": row.sentence,
        "verdict": result.verdict.value,
        "known": summary.is_accepted(result),
        "reason": result.reason,
        "evidence": _counted(result.evidence),
        "seconds": round(sum(case.seconds for case in result.cases), 3),
        "cases": [{"name": case.case, "title": case.title, "seconds": round(case.seconds, 3)} for case in result.cases],
        "findings": [_found(finding, drawn, summary) for finding in result.findings],
    }


def _found(finding: Finding, drawn: Sequence[Finding], summary: Summary) -> FindingJson:
    saved = summary.saved.get((finding.requirement, finding.case))
    entry = summary.baseline.covering(finding) if summary.baseline else None
    return {
        "case": finding.case,
        "expected": finding.expected_there,
        "actual": finding.actual,
        "connection": finding.connection,
        "event": finding.event,
        "frames": [shown_frame(frame) for frame in finding.frames],
        "failures": finding.failures,
        "attempts": finding.attempts,
        "known": _known(entry) if entry else None,
        "repeat": summary.repeat_command(finding),
        "saved": str(saved) if saved else None,
        "traffic": _traffic(finding, summary) if any(finding is one for one in drawn) else [],
    }


def _traffic(finding: Finding, summary: Summary) -> list[StepJson]:
    is_of_client = requirements()[finding.requirement].section == "CLIENT"
    steps = steps_of(finding, cast("Framing", summary.options.framing), "client" if is_of_client else "server")
    return [cast("StepJson", dataclasses.asdict(step)) for step in steps]


def _known(entry: Entry) -> KnownJson:
    return {"reason": entry.reason, "link": entry.link, "expires": entry.expires.isoformat()}


def _baseline(summary: Summary) -> BaselineJson | None:
    applied = summary.baseline
    if applied is None:
        return None
    return {
        "file": Path(applied.baseline.name).name,
        "entries": len(applied.baseline.entries),
        "broken": [
            {
                "requirement": one.entry.requirement,
                "case": one.entry.case,
                "reason": one.entry.reason,
                "expires": one.entry.expires.isoformat(),
                "problem": one.problem,
            }
            for one in applied.unfounded
        ],
    }


def _counted(evidence: Evidence) -> EvidenceJson:
    return {"deliveries": evidence.deliveries, "silences": evidence.silences, "frames": evidence.frames}
