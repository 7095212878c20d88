"""Adds the trials up: shares found, false alarms, and requirements that no faulty implementation tests."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatproof_conformance.apps.selftest.implementations import Implementation
from chatproof_conformance.apps.selftest.trials import Trial
from chatproof_conformance.core.roles import Role
from chatproof_schemas import Level, requirements


@dataclass(frozen=True, slots=True)
class Spread:
    """How some figures are spread.

    Attributes:
        median: the one in the middle.
        most: what 95 % of them stay within.
    """

    median: float = 0.0
    most: float = 0.0


def spread(figures: Iterable[float]) -> Spread:
    """Return how figures are spread; zeros if there are none."""
    ranked = sorted(figures)
    if not ranked:
        return Spread()
    return Spread(statistics.median(ranked), ranked[math.ceil(len(ranked) * 0.95) - 1])


@dataclass(frozen=True, slots=True)
class Totals:
    """What the trials add up to.

    Attributes:
        faulty: faulty servers and clients tried.
        found: of these, found under a right id.
        foreign: of all faulty ones, those also reported under an id that they do not break.
        checked: the seconds of a check of a faulty one: the median, and what 95 % stay within.
        first: the same of its first finding, if there was one.
        named: of all faulty ones found, those whose cause the catalogue names.
        hinted: of these, those whose failure ends with that cause as the most likely one.
        conforming: conforming ones tried.
        false_failures: findings of MUSTs on them.
        false_warnings: SHOULDs found on them that they keep, or not found that they break.
        problems: servers and clients on which the harness was wrong.
        unproven: what the catalogue lacks, by what it is: ids that nothing faulty breaks, and the like.
        seed: of the run.
        seconds: of the run.
    """

    faulty: int
    found: int
    foreign: int
    checked: Spread
    first: Spread
    named: int
    hinted: int
    conforming: int
    false_failures: int
    false_warnings: int
    problems: int
    unproven: dict[str, tuple[str, ...]]
    seed: int
    seconds: float


def add_up(trials: Sequence[Trial], *, whole: bool, seed: int, seconds: float) -> Totals:
    """Return the totals; if the whole catalogue was tried, also what the catalogue lacks."""
    faulty = [trial for trial in trials if trial.implementation.faulty]
    conforming = [trial for trial in trials if not trial.implementation.faulty]
    named = [trial for trial in faulty if trial.right and trial.implementation.cause]
    musts = {id_ for id_, row in requirements().items() if row.level is Level.MUST}
    return Totals(
        faulty=len(faulty),
        found=sum(bool(trial.right) for trial in faulty),
        foreign=sum(bool(trial.others) for trial in faulty),
        checked=spread(trial.seconds for trial in faulty),
        first=spread(trial.first for trial in faulty if trial.first is not None),
        named=len(named),
        hinted=sum(trial.likely == trial.implementation.cause for trial in named),
        conforming=len(conforming),
        false_failures=sum(seen.requirement in musts for trial in conforming for seen in trial.findings),
        false_warnings=sum(len(_wrong_warnings(trial) - musts) for trial in conforming),
        problems=sum(bool(trial.problems) for trial in trials),
        unproven=_unproven(faulty) if whole else {},
        seed=seed,
        seconds=seconds,
    )


def _wrong_warnings(trial: Trial) -> frozenset[str]:
    return trial.others | (trial.implementation.warnings - trial.found)


def find_gaps(implementations: Sequence[Implementation]) -> dict[str, tuple[str, ...]]:
    """Return what a catalogue lacks: ids that no faulty one breaks, MUSTs with one only or no subtle one.

    Requirements of a client count if there are clients.
    """
    faulty = [one for one in implementations if one.faulty]
    breakers = Counter(id_ for one in faulty for id_ in one.breaks)
    subtle = {id_ for one in faulty if one.subtle for id_ in one.breaks}
    ids = _ids(implementations)
    musts = [id_ for id_ in ids if requirements()[id_].level is Level.MUST]
    gaps = {
        "nothing faulty breaks": [id_ for id_ in ids if not breakers[id_]],
        "only one fault breaks": [id_ for id_ in musts if breakers[id_] == 1],
        "no subtle fault breaks": [id_ for id_ in musts if id_ not in subtle],
    }
    return {what: tuple(ids) for what, ids in gaps.items() if ids}


def _ids(implementations: Sequence[Implementation]) -> list[str]:
    has_clients = any(one.role is Role.CLIENT for one in implementations)
    return [id_ for id_, row in requirements().items() if row.of == "server" or (has_clients and row.of == "client")]


def _unproven(faulty: Sequence[Trial]) -> dict[str, tuple[str, ...]]:
    found = {id_ for trial in faulty for id_ in trial.right}
    implementations = [trial.implementation for trial in faulty]
    never = tuple(id_ for id_ in _ids(implementations) if id_ not in found)
    return {**find_gaps(implementations), **({"no fault was found under": never} if never else {})}
