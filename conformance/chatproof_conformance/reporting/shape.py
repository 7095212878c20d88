"""The types of a report: report.schema.json describes it to other programs, docs/reports.md to people."""

from typing import Any, TypedDict, cast

from chatproof_conformance.core.json_files import Form, read_document

VERSION = 1
FORM = Form("report", VERSION, "reporting", "`chatproof check --report json=FILE` writes one")


class FindingJson(TypedDict):
    """A finding; its traffic is empty if other findings of the requirement show theirs."""

    case: str
    """Of a server's finding it is the situation, of a recording's the event."""
    situation: str
    expected: str
    actual: str
    connection: str | None
    event: int | None
    frames: list[str]
    failures: int
    attempts: int
    hides: int
    hidden: list[str]
    last_words: str
    known: dict[str, Any] | None
    cause: dict[str, str] | None
    """The most likely one, by ``name`` and ``title``; None if the symptom points to none."""
    explain: str
    repeat: str
    saved: str | None
    traffic: list[dict[str, Any]]
    """Members of :class:`chatproof_conformance.reporting.traffic_steps.DiagramStep`."""


class RequirementJson(TypedDict):
    """A requirement with its verdict."""

    id: str
    section: str
    level: str
    sentence: str
    verdict: str
    known: bool
    reason: str
    evidence: dict[str, int]
    seconds: float
    cases: list[dict[str, Any]]
    findings: list[FindingJson]


class Report(TypedDict):
    """A whole run."""

    chatproof: str
    version: int
    tool: dict[str, str]
    checked: dict[str, Any]
    implementation: dict[str, str | None]
    """What :meth:`chatproof_conformance.core.identity.Identity.as_json` gives."""
    started: str
    seconds: float
    seed: int | None
    options: dict[str, Any]
    """``selection``, ``strict``, and what :meth:`chatproof_conformance.core.options.Options.reported` gives."""
    repeat: str
    exit_code: int
    headline: str
    level: dict[str, Any] | None
    """What :meth:`chatproof_conformance.core.levels.Progress.as_json` gives; None if the run does not say."""
    gone: str | None
    interrupted: str | None
    stop_request: str | None
    mend_first: list[str]
    situations: list[dict[str, Any]]
    """What :meth:`chatproof_conformance.core.situations.Situations.as_json` gives."""
    totals: dict[str, int]
    cases: int
    evidence: dict[str, int]
    baseline: dict[str, Any] | None
    requirements: list[RequirementJson]


def read_report(name: str, *, situations: bool = True) -> Report:
    """Read a report from a file; without its situations, which are many, several times as fast.

    Raises:
        DocumentError: if it cannot be read or is not a report of this version.
    """
    report = cast("Report", read_document(name, FORM, () if situations else ("situations",)))
    report.setdefault("implementation", {"name": report["checked"]["name"], "version": None, "address": None})
    return report
