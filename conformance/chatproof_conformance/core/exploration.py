"""How a check of a server ends, and the verdicts that follow from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.mend_first import mend_first
from chatproof_conformance.core.situations import Situations
from chatproof_conformance.core.verdicts import RequirementResult, RunResult, Verdict, needs
from chatproof_schemas import Level, requirements

_NOTHING = "nothing that was received could have broken it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a check of a server saw.

    Attributes:
        findings: what is broken; what to mend first comes first.
        evidence: what passes rest on, by requirement.
        total: how much was seen, over all requirements.
        blocked: by the id of what could not be tested, the id of what stands in its way, and why.
        untested: why a requirement was not tried, by its id.
        unknown: why nothing is known of a requirement that was tried, by its id.
        situations: what was reached of the space of input.
        ends_lines: whether each thing that came at first ended with LF.
        gone: why the server is not there any more; None if it is.
        interrupted: what was not tried, since the time was over or the user ended the run; None if all was.
        by_user: whether it was the user who ended it.
        stop_request: who was asked to stop, if the server was behind a wrapper.
    """

    findings: tuple[Finding, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    total: Evidence = field(default_factory=Evidence)
    blocked: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    untested: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    situations: Situations = field(default_factory=Situations)
    ends_lines: bool = False
    gone: str | None = None
    interrupted: str | None = None
    by_user: bool = False
    stop_request: str | None = None


def run_result(exploration: Exploration, ids: Iterable[str]) -> RunResult:
    """Return the verdicts on the selected requirements, and on those broken ones that stand in their way."""
    wanted = set(ids)
    broken = {finding.requirement for finding in exploration.findings}
    wanted |= {by for id_, (by, _) in exploration.blocked.items() if id_ in wanted and by in broken}
    judged = tuple(_judge(id_, exploration) for id_ in requirements() if id_ in wanted)
    findings = [finding for finding in exploration.findings if finding.requirement in wanted]
    return RunResult(
        judged,
        total=exploration.total,
        gone=exploration.gone,
        mend_first=mend_first(findings, exploration.blocked),
        situations=exploration.situations,
        ends_lines=exploration.ends_lines,
        interrupted=exploration.interrupted,
        by_user=exploration.by_user,
        stop_request=exploration.stop_request,
    )


def _judge(id_: str, seen: Exploration) -> RequirementResult:
    findings = tuple(finding for finding in seen.findings if finding.requirement == id_)
    verdict, reason = _verdict(id_, seen)
    by = seen.blocked[id_][0] if verdict is Verdict.BLOCKED else None
    return RequirementResult(
        requirements()[id_], verdict, findings, reason, seen.evidence.get(id_, Evidence()), blocked_by=by
    )


def _verdict(id_: str, seen: Exploration) -> tuple[Verdict, str]:
    if any(finding.requirement == id_ for finding in seen.findings):
        return (Verdict.FAIL if requirements()[id_].level is Level.MUST else Verdict.WARNING), ""
    if id_ in seen.blocked:
        by, why = seen.blocked[id_]
        return Verdict.BLOCKED, needs(by, why)
    if id_ in seen.unknown:
        return Verdict.INCONCLUSIVE, seen.unknown[id_]
    if id_ in seen.untested:
        return Verdict.NOT_TESTED, seen.untested[id_]
    if seen.evidence.get(id_, Evidence()) != Evidence():
        return Verdict.PASS, ""
    return Verdict.INCONCLUSIVE, seen.interrupted or seen.gone or _NOTHING
