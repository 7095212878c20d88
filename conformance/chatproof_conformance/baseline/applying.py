"""What a baseline changes in the verdict of a run: what it knows, and which entries do not hold.

- A failure that an entry covers is *known*: it is reported, and does not fail the run.
- What could not be tried because of known failures alone is accepted with them.
- An entry whose day is over is *expired*: it covers nothing, and fails the run.
- An entry whose requirement (or case) passes is *stale*, and fails the run, unless it is intermittent.
- An entry for what was not selected, or could not be tried, is ignored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chatproof_conformance.baseline.entries import Baseline, Entry
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import CaseResult, RequirementResult, Verdict

_BROKEN = (Verdict.FAIL, Verdict.WARNING)


@dataclass(frozen=True, slots=True)
class Applied:
    """A baseline, as a run met it.

    Attributes:
        baseline: the known failures.
        known: the entry that covers a finding, by the finding's requirement and case.
        accepted: the ids of requirements that are broken in known ways only, and of those blocked by these only.
        unfounded: the entries that do not hold and so fail the run, each with its problem and remedy as a clause.
    """

    baseline: Baseline
    known: Mapping[tuple[str, str], Entry]
    accepted: frozenset[str]
    unfounded: Mapping[Entry, str]

    def covering(self, finding: Finding) -> Entry | None:
        """Return the entry that covers a finding."""
        return self.known.get((finding.requirement, finding.case))


def apply_baseline(
    baseline: Baseline,
    judged: Sequence[RequirementResult],
    cases: Sequence[CaseResult],
    *,
    whole: bool,
    today: date | None = None,
) -> Applied:
    """Hold a baseline against a run.

    Args:
        baseline: the known failures.
        judged: the verdicts.
        cases: what each case saw.
        whole: whether everything was selected, so that a case that was not run is none.
        today: the day of the run.
    """
    day = today or date.today()  # noqa: DTZ011  the local day of the run
    valid = [entry for entry in baseline.entries if entry.expires >= day]
    known = _known(valid, judged)
    broken_as_known = frozenset(
        result.requirement.id
        for result in judged
        if result.verdict in _BROKEN and all((f.requirement, f.case) in known for f in result.findings)
    )
    blocked = {result.requirement.id for result in judged if _is_held_up(result, broken_as_known, known)}
    problems = {entry: _problem(entry, judged, cases, day, whole=whole) for entry in baseline.entries}
    unfounded = {entry: problem for entry, problem in problems.items() if problem}
    return Applied(baseline, known, broken_as_known | blocked, unfounded)


def _known(entries: Sequence[Entry], judged: Iterable[RequirementResult]) -> dict[tuple[str, str], Entry]:
    """Return the entry for each finding; one that names its case before one that names none."""
    known: dict[tuple[str, str], Entry] = {}
    for finding in (finding for result in judged for finding in result.findings):
        covering = [entry for entry in entries if entry.covers(finding)]
        if covering:
            known[finding.requirement, finding.case] = max(covering, key=lambda entry: entry.case is not None)
    return known


def _is_held_up(result: RequirementResult, broken: frozenset[str], known: Mapping[tuple[str, str], Entry]) -> bool:
    """Whether nothing but known failures kept a requirement from being tried."""
    if result.verdict not in (Verdict.BLOCKED, Verdict.INCONCLUSIVE):
        return False
    early = [case for case in result.cases if not case.finished and not case.not_tested]
    return bool(early) and all(_ended_at_known(case, broken, known) for case in early)


def _ended_at_known(case: CaseResult, broken: frozenset[str], known: Mapping[tuple[str, str], Entry]) -> bool:
    if case.reason:
        return case.blocked_by in broken
    return all((finding.requirement, finding.case) in known for finding in case.findings)


def _problem(
    entry: Entry, judged: Sequence[RequirementResult], cases: Sequence[CaseResult], day: date, *, whole: bool
) -> str:
    """Return what is wrong with an entry; empty if it holds, or cannot be judged."""
    result = next((result for result in judged if result.requirement.id == entry.requirement), None)
    if result is None:
        return ""
    case = next((case for case in (*result.cases, *cases) if case.case == entry.case), None)
    if entry.case and case is None and not any(entry.covers(finding) for finding in result.findings):
        return "no case has this name: correct it or remove the entry" if whole else ""
    if not entry.intermittent and _passes(entry, result, case):
        return 'it passes now: remove the entry (or add "intermittent": true, if it fails in some runs only)'
    if entry.expires < day:
        return f"expired on {entry.expires}: mend the failure, or find a new date and reason"
    return ""


def _passes(entry: Entry, result: RequirementResult, case: CaseResult | None) -> bool:
    if any(entry.covers(finding) for finding in result.findings):
        return False
    return case.finished and not case.not_tested if case is not None else result.verdict is Verdict.PASS
