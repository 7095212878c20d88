"""A finished run as a report's JSON values, from which every other form is made."""

import dataclasses
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import role_of
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.core.verdicts import RequirementResult, Verdict
from chatproof_conformance.reporting.likely_causes import explain_command, likely_cause
from chatproof_conformance.reporting.shape import FORM, VERSION, FindingJson, Report, RequirementJson
from chatproof_conformance.reporting.summary import RunRequest, Summary, distinct
from chatproof_conformance.reporting.traffic_steps import steps_of
from chatproof_schemas import requirements

if TYPE_CHECKING:
    from chatproof_conformance.baseline.entries import Entry
    from chatproof_schemas.transcript import Framing


def document_of(summary: Summary) -> Report:
    """Return a run's report as report.schema.json describes it."""
    request, result = summary.request, summary.result
    return {
        "chatproof": FORM.kind,
        "version": VERSION,
        "tool": {"name": "chatproof", "version": version("chatproof")},
        "checked": {
            "role": request.checked,
            "name": request.described,
            "recording": str(request.recording) if request.recording else None,
        },
        "implementation": summary.identity.as_json(request.described),
        "started": summary.started.isoformat(timespec="seconds"),
        "seconds": round(summary.seconds, 3),
        "seed": request.seed,
        "options": {
            "selection": list(request.options.selection),
            **request.options.reported(),
            "strict": summary.strict,
        },
        "repeat": request.command_line(" --strict" * summary.strict + summary.identity.words),
        "exit_code": summary.exit_code,
        "headline": summary.headline,
        "level": summary.progress.as_json() if summary.progress else None,
        "gone": result.gone,
        "interrupted": result.interrupted,
        "stop_request": result.stop_request,
        "mend_first": list(dict.fromkeys(finding.requirement for finding in result.mend_first)),
        "situations": result.situations.as_json(),
        "totals": totals_of(summary),
        "cases": len(result.cases) if request.seeded else 0,
        "evidence": dataclasses.asdict(summary.evidence()),
        "baseline": _baseline(summary),
        "requirements": [_judged(row, summary) for row in result.judged],
    }


def totals_of(summary: Summary) -> dict[str, int]:
    """Return how many requirements have each verdict, and how many of the broken ones are known."""
    counts = summary.counts()
    known = [result for result in summary.result.judged if result.findings and summary.is_accepted(result)]
    return {
        "requirements": len(summary.result.judged),
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
        "evidence": dataclasses.asdict(result.evidence),
        "seconds": round(sum(case.seconds for case in result.cases), 3),
        "cases": [{"name": case.case, "title": case.title, "seconds": round(case.seconds, 3)} for case in result.cases],
        "findings": [
            _found(finding, summary, drawn=any(finding is one for one in drawn)) for finding in result.findings
        ],
    }


def _found(finding: Finding, summary: Summary, *, drawn: bool) -> FindingJson:
    entry = summary.baseline.covering(finding) if summary.baseline else None
    found = finding_json(finding, summary.request, entry, traffic=drawn)
    saved = summary.saved.get((finding.requirement, finding.seen_by))
    found["saved"] = str(saved) if saved else None
    return found


def finding_json(finding: Finding, request: RunRequest, entry: "Entry | None", *, traffic: bool) -> FindingJson:
    """Return a finding as a report has it that is not saved; ``entry`` is that of a baseline, if one covers it."""
    cause = likely_cause(finding)
    return {
        "case": finding.seen_by,
        "situation": finding.situation,
        "expected": finding.expected_there,
        "actual": finding.actual,
        "connection": finding.connection,
        "event": finding.event,
        "frames": [shown_frame(frame) for frame in finding.frames],
        "failures": finding.failures,
        "attempts": finding.attempts,
        "hides": finding.hides,
        "hidden": list(finding.hidden),
        "last_words": finding.last_words,
        "known": {"reason": entry.reason, "link": entry.link, "expires": str(entry.expires)} if entry else None,
        "cause": {"name": cause.name, "title": cause.title} if cause else None,
        "explain": explain_command(finding.requirement),
        "repeat": request.command_line_of(finding),
        "saved": None,
        "traffic": _traffic(finding, request) if traffic else [],
    }


def _traffic(finding: Finding, request: RunRequest) -> list[dict[str, Any]]:
    framing, role = cast("Framing", request.options.framing), role_of(requirements()[finding.requirement])
    return [dataclasses.asdict(step) for step in steps_of(finding, framing, role.value)]


def _baseline(summary: Summary) -> dict[str, Any] | None:
    applied = summary.baseline
    if applied is None:
        return None
    return {
        "file": Path(applied.baseline.name).name,
        "entries": len(applied.baseline.entries),
        "broken": [
            {
                "requirement": entry.requirement,
                "case": entry.case,
                "reason": entry.reason,
                "expires": str(entry.expires),
                "problem": problem,
            }
            for entry, problem in applied.unfounded.items()
        ],
    }
