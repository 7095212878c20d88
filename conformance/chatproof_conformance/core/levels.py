"""Which level of SPEC.md's appendix A a run shows to be reached, and what is to be done next."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import RequirementResult, Verdict
from chatproof_schemas import WorkLevel, work_levels

_MOST = 6


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a server or a client is.

    Attributes:
        reached: the highest level that is reached, None if not even the first is.
        of: how many levels there are.
        next: the level after it; None if all are reached.
        open: the MUSTs of that level that did not pass, or were not judged.
    """

    reached: WorkLevel | None
    of: int
    next: WorkLevel | None
    open: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What is reached and what comes next: ``Level 3 of 8: a talk; next: names (JOIN-4, JOIN-7)``."""
        reached = f"{self.short}: {self.reached.subject}" if self.reached else f"{self.short} yet"
        if self.next is None:
            return reached
        more = f", and {len(self.open) - _MOST} more" if len(self.open) > _MOST else ""
        return f"{reached}; next: {self.next.subject} ({', '.join(self.open[:_MOST])}{more})"

    @property
    def short(self) -> str:
        """What is reached, in a few words."""
        return f"Level {self.reached.number} of {self.of}" if self.reached else f"No level of {self.of}"

    def as_json(self) -> dict[str, Any]:
        """Return what a report has of it."""
        following = self.next and {"level": self.next.number, "subject": self.next.subject, "open": list(self.open)}
        return {
            "reached": self.reached.number if self.reached else 0,
            "subject": self.reached.subject if self.reached else None,
            "of": self.of,
            "next": following,
        }


def progress_of(judged: Iterable[RequirementResult], role: Role) -> Progress | None:
    """Return how far what was judged is; None if not all of the first level was."""
    verdicts = {result.requirement.id: result.verdict for result in judged}
    levels = work_levels(role.value)
    if not verdicts.keys() >= {*levels[0].musts}:
        return None
    reached = None
    for level in levels:
        missing = tuple(id_ for id_ in level.musts if verdicts.get(id_) is not Verdict.PASS)
        if missing:
            return Progress(reached, len(levels), level, missing)
        reached = level
    return Progress(reached, len(levels), None)


def ids_up_to(number: int, role: Role) -> list[str]:
    """Return the ids of a level and of those below it.

    Raises:
        CommandError: if there is no such level.
    """
    levels = work_levels(role.value)
    if not 1 <= number <= len(levels):
        raise CommandError(
            f"--level {number}: there is no such level; the levels of a {role.value} are 1 to {len(levels)}"
        )
    return [id_ for level in levels[:number] for id_ in level.ids]
