"""What a baseline changes in the verdict of a run: what it knows, and which entries do not hold.

- A failure that an entry covers is *known*: it is reported, and does not fail the run.
- What could not be tried because of known failures alone is accepted with them.
- An entry whose day is over is *expired*: it covers nothing, and fails the run.
- An entry whose requirement (or case) passes is *stale*, and fails the run, unless it is intermittent.
- An entry for what was not selected, or could not be tried, is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chatproof_conformance.baseline.entries import Baseline, Entry, local_day
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import CaseResult, RequirementResult, RunResult, Verdict

_BROKEN = (Verdict.FAIL, Verdict.WARNING)


@dataclass(frozen=True, slots=True)
class Applied:
    """A baseline, as a run met it.

    Attributes:
        baseline: the known failures.
        known: the entry that covers a finding, by the finding's requirement and what it was seen by.
        accepted: the ids of requirements that are broken in known ways only, and of those blocked by these only.
        unfounded: the entries that do not hold and so fail the run, each with its problem and remedy as a clause.
    """

    baseline: Baseline
    known: Mapping[tuple[str, str], Entry]
    accepted: frozenset[str]
    unfounded: Mapping[Entry, str]

    def covering(self, finding: Finding) -> Entry | None:
        """Return the entry that covers a finding."""
        return self.known.get((finding.requirement, finding.seen_by))


def apply_baseline(baseline: Baseline, found: RunResult, *, today: date | None = None) -> Applied:
    """Hold a baseline against a run.

    Args:
        baseline: the known failures.
        found: what the run found. If it ended early, nothing is stale: what passes so far may yet fail.
        today: the day of the run.
    """
    day = today or local_day()
    findings = [finding for result in found.judged for finding in result.findings]
    covering = {(one.requirement, one.seen_by): baseline.entry_for(one, day) for one in findings}
    known = {seen: entry for seen, entry in covering.items() if entry is not None}
    broken_as_known = frozenset(
        result.requirement.id
        for result in found.judged
        if result.verdict in _BROKEN and all((f.requirement, f.seen_by) in known for f in result.findings)
    )
    blocked = {result.requirement.id for result in found.judged if _is_held_up(result, broken_as_known, known)}
    problems = {entry: _problem(entry, found, day) for entry in baseline.entries}
    unfounded = {entry: problem for entry, problem in problems.items() if problem}
    return Applied(baseline, known, broken_as_known | blocked, unfounded)


def _is_held_up(result: RequirementResult, broken: frozenset[str], known: Mapping[tuple[str, str], Entry]) -> bool:
    """Whether nothing but known failures kept a requirement from being tried."""
    if result.verdict not in (Verdict.BLOCKED, Verdict.INCONCLUSIVE):
        return False
    if not result.cases:
        return result.blocked_by in broken
    early = [case for case in result.cases if not case.finished and not case.not_tested]
    return bool(early) and all(_ended_at_known(case, broken, known) for case in early)


def _ended_at_known(case: CaseResult, broken: frozenset[str], known: Mapping[tuple[str, str], Entry]) -> bool:
    if case.reason:
        return case.blocked_by in broken
    return all((finding.requirement, finding.seen_by) in known for finding in case.findings)


def _problem(entry: Entry, found: RunResult, day: date) -> str:
    """Return what is wrong with an entry; empty if it holds, or cannot be judged."""
    result = next((result for result in found.judged if result.requirement.id == entry.requirement), None)
    if result is None:
        return ""
    may_pass = entry.intermittent or entry.case  # another case may have shown it
    if not (may_pass or found.ended_early) and _passes(entry, result):
        return 'it passes now: remove the entry (or add "intermittent": true, if it fails in some runs only)'
    if entry.expires < day:
        return f"expired on {entry.expires}: mend the failure, or find a new date and reason"
    return ""


def _passes(entry: Entry, result: RequirementResult) -> bool:
    return not any(entry.covers(finding) for finding in result.findings) and result.verdict is Verdict.PASS
