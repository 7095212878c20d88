"""The shape of a report as JSON: report.schema.json says the same to other programs, docs/reports.md to people."""

from typing import Any, TypedDict, cast

from chatproof_conformance.core.json_files import Form, read_document

VERSION = 1
FORM = Form("report", VERSION, "reporting", "`chatproof check --report json=FILE` writes one")


class EvidenceJson(TypedDict):
    """Evidence: see :class:`chatproof_conformance.core.evidence.Evidence`."""

    deliveries: int
    silences: int
    frames: int


class KnownJson(TypedDict):
    """What a baseline says of a failure."""

    reason: str
    link: str | None
    expires: str


class StaleEntryJson(TypedDict):
    """An entry of a baseline that does not hold."""

    requirement: str
    case: str | None
    reason: str
    expires: str
    problem: str


class StepJson(TypedDict):
    """A step of the traffic: see :class:`chatproof_conformance.reporting.traffic_steps.Step`."""

    event: str
    connection: str
    text: str
    time: float
    count: int
    offending: bool


class FindingJson(TypedDict):
    """A finding; its traffic is empty where other findings of the requirement show theirs."""

    case: str
    expected: str
    actual: str
    connection: str | None
    event: int | None
    frames: list[str]
    failures: int
    attempts: int
    known: KnownJson | None
    repeat: str
    saved: str | None
    traffic: list[StepJson]


class CaseJson(TypedDict):
    """A case that proves a requirement."""

    name: str
    title: str
    seconds: float


class RequirementJson(TypedDict):
    """What is said of one requirement."""

    id: str
    section: str
    level: str
    sentence: str
    verdict: str
    known: bool
    reason: str
    evidence: EvidenceJson
    seconds: float
    cases: list[CaseJson]
    findings: list[FindingJson]


class ToolJson(TypedDict):
    """What made the report."""

    name: str
    version: str


class CheckedJson(TypedDict):
    """What was checked: its role (server, client, recording), its name, and the file that was judged, if one was."""

    role: str
    name: str
    recording: str | None


class OptionsJson(TypedDict):
    """How it was checked."""

    selection: list[str]
    framing: str
    budget: float
    strict: bool


class BaselineJson(TypedDict):
    """The baseline of a run, and which of its entries do not hold."""

    file: str
    entries: int
    broken: list[StaleEntryJson]


class Report(TypedDict):
    """A whole run."""

    chatproof: str
    version: int
    tool: ToolJson
    checked: CheckedJson
    started: str
    seconds: float
    seed: int | None
    options: OptionsJson
    repeat: str
    exit_code: int
    headline: str
    gone: str | None
    totals: dict[str, int]
    cases: int
    evidence: EvidenceJson
    baseline: BaselineJson | None
    requirements: list[RequirementJson]


def read_report(name: str) -> Report:
    """Read a report from a file.

    Raises:
        DocumentError: where it cannot be read or is no report of this version.
    """
    found: Any = read_document(name, FORM)
    return cast("Report", found)
