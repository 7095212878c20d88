"""What the judge of a history hands back, and the pad on which its parts write it down."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatproof_conformance.core.findings import Finding


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a recording shows.

    Attributes:
        findings: in the order of their events; what broke first comes first.
        deliveries: how many frames arrived that had to.
        silences: how often a frame provably caused nothing at a connection where it had to cause nothing.
        evidence: by requirement id, how many times something was checked that could have failed.
    """

    findings: tuple[Finding, ...]
    deliveries: int
    silences: int
    evidence: Mapping[str, int]


@dataclass(slots=True)
class FindingCollector:
    """Collects findings and evidence while a history is judged."""

    findings: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    evidence: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    silences: int = 0

    def report(
        self, requirement: str, connection: str, expected: str, actual: str, event: int | None, *frames: bytes
    ) -> None:
        """Write down a finding; the same one twice counts once."""
        self.evidence[requirement] += 1
        found = Finding(requirement, expected, actual, connection=connection, event=event, frames=frames)
        self.findings.setdefault((requirement, connection, expected, actual, event), found)

    def judgement(self) -> Judgement:
        """Return what was written down."""
        ordered = sorted(self.findings.values(), key=lambda finding: _END if finding.event is None else finding.event)
        return Judgement(tuple(ordered), self.deliveries, self.silences, dict(self.evidence))


_END = 1 << 62
