"""Makes a baseline of a run: an entry for each requirement that fails it."""

from collections.abc import Sequence
from datetime import date, timedelta

from chatproof_conformance.baseline.applying import Applied
from chatproof_conformance.baseline.entries import Entry, local_day
from chatproof_conformance.core.verdicts import RequirementResult, Verdict

DAYS = 90
"""For how long a new entry accepts its failure."""
REASON = "to be filled in: why this is accepted for now"


def make_entries(
    judged: Sequence[RequirementResult],
    applied: Applied | None,
    *,
    strict: bool,
    today: date | None = None,
) -> list[Entry]:
    """Return the entries under which this run would not fail, in the order of SPEC.md.

    Entries of the baseline in force stay as they are, except those that do not hold. A new one names no case: the
    same fault shows in other cases with another seed.
    """
    expires = (today or local_day()) + timedelta(DAYS)
    kept = _kept(applied)
    fails = (Verdict.FAIL, Verdict.WARNING) if strict else (Verdict.FAIL,)
    shadows: dict[str, None] = {}
    for result in judged:
        new = [finding for finding in result.findings if not any(entry.covers(finding) for entry in kept)]
        if result.verdict in fails and new:
            chance = all(finding.intermittent or finding.drawn for finding in new)
            kept.append(Entry(requirement=result.requirement.id, reason=REASON, expires=expires, intermittent=chance))
            shadows.update((id_, None) for finding in new for id_ in finding.hidden)
    have = {entry.requirement for entry in kept}
    for id_ in shadows:
        if id_ not in have:  # another seed may show the same fault there first
            kept.append(Entry(requirement=id_, reason=REASON, expires=expires, intermittent=True))
    order = [result.requirement.id for result in judged]
    return sorted(kept, key=lambda entry: order.index(entry.requirement) if entry.requirement in order else len(order))


def _kept(applied: Applied | None) -> list[Entry]:
    if applied is None:
        return []
    return [entry for entry in applied.baseline.entries if entry not in applied.unfounded]
