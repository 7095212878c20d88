"""The shape of a report as JSON: report.schema.json says the same to other programs, docs/reports.md to people."""

from typing import Any, TypedDict, cast

from chatproof_conformance.report.documents import Form, read_document

VERSION = 1
FORM = Form("report", VERSION, "report", "`chatproof check --report json=FILE` writes one")


class Counted(TypedDict):
    """Evidence: see :class:`chatproof_conformance.peers.evidence.Evidence`."""

    deliveries: int
    silences: int
    frames: int


class Known(TypedDict):
    """What a baseline says of a failure."""

    reason: str
    link: str | None
    expires: str


class Entry(TypedDict):
    """An entry of a baseline that does not hold."""

    requirement: str
    case: str | None
    reason: str
    expires: str
    problem: str


class Drawn(TypedDict):
    """A step of the traffic: see :class:`chatproof_conformance.report.traffic.Step`."""

    event: str
    connection: str
    text: str
    time: float
    count: int
    offending: bool


class Found(TypedDict):
    """A finding; its traffic is empty where other findings of the requirement show theirs."""

    case: str
    expected: str
    actual: str
    failures: int
    attempts: int
    known: Known | None
    repeat: str
    saved: str | None
    traffic: list[Drawn]


class Case(TypedDict):
    """A case that proves a requirement."""

    name: str
    title: str
    seconds: float


class Judged(TypedDict):
    """What is said of one requirement."""

    id: str
    section: str
    level: str
    sentence: str
    verdict: str
    known: bool
    reason: str
    evidence: Counted
    seconds: float
    cases: list[Case]
    findings: list[Found]


class Tool(TypedDict):
    """What made the report."""

    name: str
    version: str


class Subject(TypedDict):
    """What was checked: its role (server, client, recording), its name, and the file that was judged, if one was."""

    role: str
    name: str
    recording: str | None


class Settings(TypedDict):
    """How it was checked."""

    selection: list[str]
    framing: str
    budget: float
    strict: bool


class Baselined(TypedDict):
    """The baseline of a run, and which of its entries do not hold."""

    file: str
    entries: int
    broken: list[Entry]


class Report(TypedDict):
    """A whole run."""

    chatproof: str
    version: int
    tool: Tool
    checked: Subject
    started: str
    seconds: float
    seed: int | None
    options: Settings
    repeat: str
    exit_code: int
    headline: str
    gone: str | None
    totals: dict[str, int]
    cases: int
    evidence: Counted
    baseline: Baselined | None
    requirements: list[Judged]


def read_report(name: str) -> Report:
    """Read a report from a file.

    Raises:
        DocumentError: where it cannot be read or is no report of this version.
    """
    found: Any = read_document(name, FORM)
    return cast("Report", found)
