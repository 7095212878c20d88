"""From what cases saw to what is said of each requirement, and to the exit code."""

import enum
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.situations import Situations
from chatproof_schemas import Level, Requirement, requirements

CONFORMS, BROKEN, UNKNOWN = 0, 1, 2
"""The exit codes of a run that nobody ended."""


class Verdict(str, enum.Enum):
    """What is said of a requirement."""

    PASS = "pass"  # noqa: S105  a verdict, no password
    WARNING = "warning"
    """A SHOULD is broken."""
    FAIL = "fail"
    """A MUST is broken."""
    BLOCKED = "blocked"
    """It could not be tried, because another requirement is broken."""
    INCONCLUSIVE = "inconclusive"
    """It was tried, and nothing is known."""
    NOT_TESTED = "not tested"
    """It was not tried, for a reason that is given."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one case saw.

    Attributes:
        case: its name.
        title: its sentence.
        requirements: the ids that it tests.
        findings: what it found broken, of these and of others.
        reason: why it ended early, if it did.
        blocked_by: the id of the requirement that stood in its way.
        not_tested: whether it lacked something that the run was not given.
        evidence: what it rests on.
        seconds: how long it took.
        traffic: whether it drives generated traffic, and so adds to what the other cases prove.
    """

    case: str
    title: str
    requirements: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    blocked_by: str | None = None
    not_tested: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    seconds: float = 0.0
    traffic: bool = False

    @property
    def finished(self) -> bool:
        """Whether it ran to its end and found its own requirements kept."""
        return not self.reason and not any(f.requirement in self.requirements for f in self.findings)


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """What is said of one requirement.

    Attributes:
        requirement: the row of SPEC.md.
        verdict: what is said.
        findings: how it was seen to be broken.
        reason: why it is blocked, inconclusive or not tested.
        evidence: what a pass rests on.
        cases: the results of the cases that prove it, if cases were run.
        blocked_by: the id of what stands in its way, if it is blocked.
    """

    requirement: Requirement
    verdict: Verdict
    findings: tuple[Finding, ...]
    reason: str
    evidence: Evidence
    cases: tuple[CaseResult, ...] = ()
    blocked_by: str | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found.

    Attributes:
        judged: the verdict on each requirement, in the order of SPEC.md.
        cases: what each case saw, if cases were run.
        total: how much was seen; None: what the cases or the requirements have seen together.
        gone: why the run could not go on, if so.
        mend_first: the findings in the order in which to mend them; empty if none is known.
        situations: what was reached of the space of input.
        ends_lines: whether each thing that the server sent at first ended with LF.
        interrupted: what was not tried, since the run was ended early; None if it was not.
        by_user: whether it was the user who ended it.
        stop_request: who was asked to stop, if the server was behind a wrapper.
    """

    judged: tuple[RequirementResult, ...]
    cases: tuple[CaseResult, ...] = ()
    total: Evidence | None = None
    gone: str | None = None
    mend_first: tuple[Finding, ...] = ()
    situations: Situations = field(default_factory=Situations)
    ends_lines: bool = False
    interrupted: str | None = None
    by_user: bool = False
    stop_request: str | None = None

    @property
    def ended_early(self) -> str | None:
        """Why not everything was tried; None if it was."""
        return self.gone or self.interrupted


def judge_requirements(results: Sequence[CaseResult], ids: Iterable[str]) -> list[RequirementResult]:
    """Return the verdict on each of the requirements, in the order given."""
    broken = {finding.requirement for result in results for finding in result.findings}
    return [_judge(requirements()[id_], results, broken) for id_ in ids]


def needs(by: str, why: str) -> str:
    """Return why a requirement is blocked: the one that it needs, and what was seen."""
    return f"needs {by}, which is broken: {why}"


def exit_code(judged: Iterable[RequirementResult], *, strict: bool, accepted: Collection[str] = ()) -> int:
    """Return 0 if the server conforms, 1 if it does not (``strict``: a warning too), 2 if nothing is known.

    What was not tested, for a reason that the run's options give, does not make a server fail; nor does what is
    accepted, which is named by the ids of requirements.
    """
    verdicts = {result.verdict for result in judged if result.requirement.id not in accepted}
    if Verdict.FAIL in verdicts or (strict and Verdict.WARNING in verdicts):
        return BROKEN
    if verdicts & {Verdict.INCONCLUSIVE, Verdict.BLOCKED}:
        return UNKNOWN
    return CONFORMS if accepted or verdicts & {Verdict.PASS, Verdict.WARNING} else UNKNOWN


def _judge(row: Requirement, results: Sequence[CaseResult], broken: set[str]) -> RequirementResult:
    cases = tuple(result for result in results if row.id in result.requirements)
    findings = tuple(f for result in results for f in result.findings if f.requirement == row.id)
    evidence = Evidence()
    for case in cases:
        evidence.add(case.evidence)
    verdict, reason = _verdict(row, cases, findings, broken)
    blocked_by = next((case.blocked_by for case in cases if case.blocked_by in broken), None)
    by = blocked_by if verdict is Verdict.BLOCKED else None
    return RequirementResult(row, verdict, findings, reason, evidence, cases, by)


def _verdict(
    row: Requirement, cases: Sequence[CaseResult], findings: Sequence[Finding], broken: set[str]
) -> tuple[Verdict, str]:
    if findings:
        return (Verdict.FAIL if row.level is Level.MUST else Verdict.WARNING), ""
    tried = [case for case in cases if not case.not_tested]
    if not tried:
        return Verdict.NOT_TESTED, cases[0].reason if cases else "no case for it was selected"
    for case in tried:
        if case.blocked_by is not None and case.blocked_by in broken:
            return Verdict.BLOCKED, needs(case.blocked_by, case.reason)
    for case in tried:
        if not case.finished and not (case.traffic and case.findings):
            others = ", ".join(sorted({f.requirement for f in case.findings}))
            return Verdict.INCONCLUSIVE, case.reason or f"its case could not go on when it saw {others} broken"
    if not any(case.evidence.deliveries or case.evidence.silences for case in tried):
        return Verdict.INCONCLUSIVE, "its cases saw nothing that could have failed"
    return Verdict.PASS, ""
