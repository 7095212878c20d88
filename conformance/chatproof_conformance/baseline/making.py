"""Makes a baseline of a run: an entry for each requirement that fails it."""

from collections.abc import Sequence
from datetime import date, timedelta

from chatproof_conformance.baseline.applying import Applied
from chatproof_conformance.baseline.entries import Entry
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import CaseResult, RequirementResult, Verdict

DAYS = 90
"""For how long a new entry accepts its failure."""
REASON = "to be filled in: why this is accepted for now"


def make_entries(
    judged: Sequence[RequirementResult],
    cases: Sequence[CaseResult],
    applied: Applied | None,
    *,
    strict: bool,
    today: date | None = None,
) -> list[Entry]:
    """Return the entries under which this run would not fail, in the order of SPEC.md.

    Entries of the baseline in force stay as they are, except those that do not hold. A new one names no case: the
    same fault shows in other cases with another seed.
    """
    expires = (today or date.today()) + timedelta(DAYS)  # noqa: DTZ011  the local day of the run
    kept = _kept(applied)
    fails = (Verdict.FAIL, Verdict.WARNING) if strict else (Verdict.FAIL,)
    traffic = {case.case for case in cases if case.traffic}
    for result in judged:
        new = [finding for finding in result.findings if not any(entry.covers(finding) for entry in kept)]
        if result.verdict in fails and new:
            chance = all(_shows_by_chance(finding, traffic) for finding in new)
            kept.append(Entry(requirement=result.requirement.id, reason=REASON, expires=expires, intermittent=chance))
    order = [result.requirement.id for result in judged]
    return sorted(kept, key=lambda entry: order.index(entry.requirement) if entry.requirement in order else len(order))


def _kept(applied: Applied | None) -> list[Entry]:
    if applied is None:
        return []
    return [entry for entry in applied.baseline.entries if entry not in applied.unfounded]


def _shows_by_chance(finding: Finding, traffic: set[str]) -> bool:
    """Whether another run may miss it: it does not show each time, or only in traffic that each seed makes anew."""
    return finding.intermittent or finding.case in traffic
