"""What a run is told."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_BUDGET = 6.0
TRAFFIC_WORD = "TRAFFIC"
"""Selects the cases of generated traffic, as a section's name selects the section's."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to check.

    Attributes:
        selection: sections, requirement ids, case names or ``TRAFFIC``; empty means all.
        framing: ``lf``, or ``none`` for servers of the original kind, which read and write objects with no LF.
        seed: the number that repeats the generated input.
        budget: about how many seconds generated traffic may take.
        repeats: how often a case that failed is tried again, to tell an intermittent failure.
        shrink: whether failing input is made as short as it can be, which takes seconds for each failure.
        save: the folder in which the traffic of each failure is saved, which must exist; None: it is not.
    """

    selection: tuple[str, ...] = ()
    framing: str = "lf"
    seed: int = 0
    budget: float = DEFAULT_BUDGET
    repeats: int = 2
    shrink: bool = True
    save: Path | None = None
