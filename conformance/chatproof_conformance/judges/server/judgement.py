"""What the judge of a history returns, and what its passes collect for it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, SentFrame
from chatproof_conformance.judges.server.wording import describe_received


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
        """Add a finding; the same one twice counts once."""
        self.evidence[requirement] += 1
        found = Finding(requirement, expected, actual, connection=connection, event=event, frames=frames)
        self.findings.setdefault((requirement, connection, expected, actual, event), found)

    def report_received(self, requirement: str, received: ReceivedFrame, expected: str, actual: str = "") -> None:
        """Add a finding at a frame that arrived; if nothing else is said of it, it is ``actual`` itself."""
        actual = actual or describe_received(received)
        self.report(requirement, received.connection.label, expected, actual, received.at, received.frame.data)

    def report_unanswered(self, requirement: str, sent: SentFrame, expected: str) -> None:
        """Add a finding at a frame that got no answer."""
        self.report(requirement, sent.connection.label, expected, "no answer", sent.at)

    def judgement(self) -> Judgement:
        """Return what was collected."""
        ordered = sorted(self.findings.values(), key=lambda found: FOREVER if found.event is None else found.event)
        return Judgement(tuple(ordered), self.deliveries, self.silences, dict(self.evidence))
