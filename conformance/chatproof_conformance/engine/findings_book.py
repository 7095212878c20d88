"""What a check has found so far: each finding is emitted the moment it is known, and what it explains is counted."""

import asyncio
from collections.abc import Collection
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.run_listener import RunListener
from chatproof_schemas import Level, requirements

SHOWN = 3
"""So many findings of one requirement are shown; others like them are counted."""
_MORE_SECONDS = 0.5
"""So long more may come of what is known to be broken: a better example, or what explains it."""


class FindingsBook:
    """The findings of one check.

    Attributes:
        findings: what is known to be broken, in the order in which it was found.
        represented: by requirement that is broken but not shown: the finding that stands for it.
        failed: is set when a selected MUST is known to be broken.
    """

    def __init__(self, listener: RunListener, selected: Collection[str]) -> None:
        """Know of none; ``listener`` hears of each, whether its requirement is ``selected`` or not."""
        self._selected = selected
        self.findings: list[Finding] = []
        self.represented: dict[str, Finding] = {}
        self.failed = asyncio.Event()
        self._kept = asyncio.Event()
        self._listener = listener

    def keep(self, finding: Finding, same: "list[Finding] | None" = None) -> bool:
        """Take a finding and emit it; if enough like it are shown already, count it. Return whether it is new.

        Args:
            finding: whose cause is certain.
            same: those that may have the same cause; None: those of its requirement.
        """
        alike = [one for one in self.findings if one.requirement == finding.requirement] if same is None else same
        twin = next((one for one in alike if one.situation == finding.situation), None)
        if twin is not None or len(alike) >= SHOWN:
            self.hide(finding.requirement, twin)
            return False
        self.findings.append(finding)
        if finding.requirement in self._selected and requirements()[finding.requirement].level is Level.MUST:
            self.failed.set()
        self._kept.set()
        self._listener.finding(finding)
        return True

    async def until_all_broken(self) -> None:
        """Wait until all that is selected is broken for certain: nothing more can change the verdict."""
        while not self._all_broken():
            self._kept.clear()
            await self._kept.wait()
            if self._all_broken():
                await asyncio.sleep(_MORE_SECONDS)

    def _all_broken(self) -> bool:
        certain = {finding.requirement for finding in self.findings if finding.failures == finding.attempts}
        return bool(self._selected) and certain.issuperset(self._selected)

    def represent(self, finding: Finding, by: Finding) -> None:
        """Count a finding as one more of a known one, of another requirement: its own does not pass."""
        self.represented.setdefault(finding.requirement, by)
        self.hide(by.requirement, by)

    def stand_ins(self) -> dict[str, tuple[str, str]]:
        """Return by requirement what is shown in its place, and what was expected there."""
        return {
            id_: (by.requirement, by.expected_there)
            for id_, by in self.represented.items()
            if not self.is_broken(id_) and self.is_broken(by.requirement)
        }

    def hide(self, requirement: str, behind: Finding | None = None) -> None:
        """Count one thing more that a finding explains: one given, or the first of a requirement."""
        for place, one in enumerate(self.findings):
            if one is behind or (behind is None and one.requirement == requirement):
                self.findings[place] = replace(one, hides=one.hides + 1)
                return

    def is_broken(self, *requirements: str) -> bool:
        """Whether one of these is known to be broken: then what needs it proves nothing."""
        return any(finding.requirement in requirements for finding in self.findings)

    def count(self, requirement: str) -> int:
        """Return how many findings of a requirement there are."""
        return sum(finding.requirement == requirement for finding in self.findings)

    def is_settled(self, requirement: str) -> bool:
        """Whether so much of a requirement is shown that more of it is only counted."""
        return self.count(requirement) >= SHOWN
