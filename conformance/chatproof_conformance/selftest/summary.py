"""Adds the trials up: shares found, false alarms, and requirements that no faulty server proves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chatproof_conformance.selftest.servers import Server
from chatproof_conformance.selftest.trials import Trial
from chatproof_schemas import Level, requirements


@dataclass(frozen=True, slots=True)
class Totals:
    """What the trials add up to.

    Attributes:
        faulty: faulty servers tried.
        found: of these, found under a right id.
        by_cases: of these, found so by cases other than generated traffic.
        by_traffic: of these, found so by generated traffic.
        conforming: conforming servers tried.
        false_failures: findings of MUSTs on them.
        false_warnings: SHOULDs found on them that they keep, or not found that they break.
        problems: servers on which the harness was wrong.
        unproven: what the catalogue lacks, by what it is: ids that no faulty server breaks, and the like.
        seed: of the run.
        seconds: of the run.
    """

    faulty: int
    found: int
    by_cases: int
    by_traffic: int
    conforming: int
    false_failures: int
    false_warnings: int
    problems: int
    unproven: dict[str, tuple[str, ...]]
    seed: int
    seconds: float


def add_up(trials: Sequence[Trial], *, whole: bool, seed: int, seconds: float) -> Totals:
    """Return the totals; where the whole catalogue was tried, also what the catalogue lacks."""
    faulty = [trial for trial in trials if trial.server.faulty]
    conforming = [trial for trial in trials if not trial.server.faulty]
    musts = {id_ for id_, row in requirements().items() if row.level is Level.MUST}
    return Totals(
        faulty=len(faulty),
        found=sum(bool(trial.right) for trial in faulty),
        by_cases=sum(trial.found_by(traffic=False) for trial in faulty),
        by_traffic=sum(trial.found_by(traffic=True) for trial in faulty),
        conforming=len(conforming),
        false_failures=sum(seen.requirement in musts for trial in conforming for seen in trial.findings),
        false_warnings=sum(len((trial.others | (trial.server.warnings - trial.found)) - musts) for trial in conforming),
        problems=sum(bool(trial.problems) for trial in trials),
        unproven=_unproven(faulty) if whole else {},
        seed=seed,
        seconds=seconds,
    )


def find_gaps(servers: Sequence[Server]) -> dict[str, tuple[str, ...]]:
    """Return what a catalogue of servers lacks: ids that no faulty one breaks, MUSTs with one only or no subtle one."""
    faulty = [server for server in servers if server.faulty]
    breakers = Counter(id_ for server in faulty for id_ in server.breaks)
    subtle = {id_ for server in faulty if server.subtle for id_ in server.breaks}
    rows = {id_: row for id_, row in requirements().items() if row.section != "CLIENT"}
    musts = [id_ for id_, row in rows.items() if row.level is Level.MUST]
    gaps = {
        "no faulty server breaks": [id_ for id_ in rows if not breakers[id_]],
        "only one faulty server breaks": [id_ for id_ in musts if breakers[id_] == 1],
        "no subtle faulty server breaks": [id_ for id_ in musts if id_ not in subtle],
    }
    return {what: tuple(ids) for what, ids in gaps.items() if ids}


def _unproven(faulty: Sequence[Trial]) -> dict[str, tuple[str, ...]]:
    found = {id_ for trial in faulty for id_ in trial.right}
    server_ids = [id_ for id_, row in requirements().items() if row.section != "CLIENT"]
    never = tuple(id_ for id_ in server_ids if id_ not in found)
    gaps = find_gaps([trial.server for trial in faulty])
    return {**gaps, **({"no fault was found under": never} if never else {})}
