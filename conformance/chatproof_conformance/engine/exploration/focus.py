"""Which of the planned waves put a section to the test: the others can wait while its author works on that section."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from chatproof_conformance.engine.exploration.plan import NAMES_ALIKE, Wave
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.refused_acts import refused_acts
from chatproof_conformance.space.script import Script

HISTORIES = frozenset(("LEAVE", "ORDER", "JOIN-4", "JOIN-5", "JOIN-6", "JOIN-10", "JOIN-11", "JOIN-13"))
"""The sections and requirements that histories put to the test more than waves do."""
LANES = frozenset(
    ("LEAVE", "ORDER", "LOAD", "SERVER", "STOP", "TIME", "FRAME-2", "FRAME-5", "JOIN-6", "JOIN-12", "CLUSTER")
)
"""Those that lanes put to the test more than waves do."""
_SMOKE = 2
_MOST, _MOST_BESIDE = 14, 4
"""Waves besides the smoke; of more, some are left out evenly. Beside what lanes show, the second number."""
_ALL = frozenset(("FRAME-2", "FRAME-3", "FRAME-4", "FRAME-5", "FRAME-6", "FRAME-7"))
"""What any frame may put to the test, whatever it says."""


def _is_of(*types: str) -> Callable[[Act], bool]:
    return lambda act: act.type in types


@functools.cache
def _refused() -> frozenset[str]:
    return frozenset(act.label for acts in refused_acts().values() for act in acts)


_ACTS: Mapping[str, Callable[[Act], bool]] = {
    "JOIN": _is_of("join"),
    "PUBLIC": _is_of("message"),
    "PRIVATE": _is_of("private_message"),
    "CONFIRM": _is_of("private_message"),
    "ERROR": lambda act: act.label in _refused(),
}
"""By section, which acts put it to the test; what is not here has lanes or histories."""


def focused(waves: Iterable[Wave], ids: Iterable[str]) -> Iterator[Wave]:
    """Yield the smoke, and what of the other waves puts these requirements to the test."""
    wanted_ids = {*ids}
    sections = {id_.split("-")[0] for id_ in wanted_ids}
    wanted = [_ACTS[section] for section in sections if section in _ACTS]
    kept, rest = [], []
    for number, wave in enumerate(waves):
        if number < _SMOKE or ("JOIN-7" in wanted_ids and _has_names_alike(wave)):  # nothing else shows JOIN-7
            kept.append(wave)
        elif wanted_ids & _ALL:
            rest.append(wave)
        elif scripts := [part for script in wave if (part := _part(script, wanted)) is not None]:
            rest.append(scripts)
    most = _MOST_BESIDE if wanted_ids <= LANES else _MOST
    yield from kept
    yield from rest[:: -(-len(rest) // most) or 1]


def _has_names_alike(wave: Wave) -> bool:
    return any(script.join is not None and script.join.value.startswith(NAMES_ALIKE) for script in wave)


def _part(script: Script, wanted: Iterable[Callable[[Act], bool]]) -> Script | None:
    """Return a script with the acts that are wanted; None if neither they nor its join are."""
    acts = tuple(act for act in script.acts if any(fits(act) for fits in wanted))
    by_join = script.join is not None and any(fits(script.join) for fits in wanted)
    return replace(script, acts=acts) if acts or by_join else None
