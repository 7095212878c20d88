"""What a run emits as it goes: the console and the reports consume it."""

from collections.abc import Sequence

from chatproof_conformance.core.findings import Finding


class RunListener:
    """Receives the events of a run; this one ignores them."""

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
