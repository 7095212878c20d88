"""The types of a report: report.schema.json describes it to other programs, docs/reports.md to people."""

from typing import Any, TypedDict, cast

from chatproof_conformance.core.json_files import Form, read_document

VERSION = 1
FORM = Form("report", VERSION, "reporting", "`chatproof check --report json=FILE` writes one")


class FindingJson(TypedDict):
    """A finding; its traffic is empty if other findings of the requirement show theirs."""

    case: str
    expected: str
    actual: str
    connection: str | None
    event: int | None
    frames: list[str]
    failures: int
    attempts: int
    known: dict[str, Any] | None
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
    started: str
    seconds: float
    seed: int | None
    options: dict[str, Any]
    """``selection``, ``strict``, and what :meth:`chatproof_conformance.core.options.Options.reported` gives."""
    repeat: str
    exit_code: int
    headline: str
    gone: str | None
    totals: dict[str, int]
    cases: int
    evidence: dict[str, int]
    baseline: dict[str, Any] | None
    requirements: list[RequirementJson]


def read_report(name: str) -> Report:
    """Read a report from a file.

    Raises:
        DocumentError: if it cannot be read or is not a report of this version.
    """
    return cast("Report", read_document(name, FORM))
