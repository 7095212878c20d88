"""What a run emits as it goes: the console and the reports consume it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import CaseResult


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """A case, as the run plans it.

    Attributes:
        name: unique, and what a selection can name.
        title: the sentence of its docstring.
        requirements: the ids that it tests.
        section: the section of its first requirement.
        generated: whether its input is generated.
        traffic: whether it drives generated traffic.
    """

    name: str
    title: str
    requirements: tuple[str, ...]
    section: str
    generated: bool
    traffic: bool = False


class RunListener:
    """Receives the events of a run; this one ignores them.

    A check of a client runs cases, one after another; a check of a server has findings, and progress by rounds.
    """

    def planned(self, cases: Sequence[CaseInfo]) -> None:
        """The cases of the run are known, in the order in which they run."""

    def started(self, case: CaseInfo) -> None:
        """A case begins."""

    def finished(self, case: CaseInfo, result: CaseResult) -> None:
        """A case has ended."""

    def progress(self, done: int, planned: int, what: str) -> None:
        """So many of the planned acts are done, and this is tried now."""

    def waiting(self, subjects: Sequence[str]) -> None:
        """What runs beside the planned acts now, as noun phrases: the end of the run waits for it."""

    def finding(self, finding: Finding) -> None:
        """A requirement is certainly broken: emitted once, the moment it is known."""

    def narrowed(self, finding: Finding, replaces: Finding) -> None:
        """An emitted finding has got shorter traffic, or is a matter of another requirement."""

    def mended(self, requirement: str) -> None:
        """What broke a requirement last time was sent again, and does not break it."""

    def done(self) -> None:
        """Everything was tried, or the run has ended early."""
