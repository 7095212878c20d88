"""What the judge of a history hands back, and the pad on which its parts write it down."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a recording breaks a requirement.

    Attributes:
        requirement: its id in SPEC.md, such as ``PUBLIC-1``.
        connection: the recorder's name for the connection at which it shows.
        expected: what SPEC.md asks for there, in one line.
        actual: what the recording holds instead, in one line.
        event: the index of the event nearest to it, None where there is none.
    """

    requirement: str
    connection: str
    expected: str
    actual: str
    event: int | None


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

    findings: dict[Finding, None] = field(default_factory=dict)
    evidence: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    silences: int = 0

    def report(self, requirement: str, connection: str, expected: str, actual: str, event: int | None) -> None:
        """Write down a finding; the same one twice counts once."""
        self.evidence[requirement] += 1
        self.findings[Finding(requirement, connection, expected, actual, event)] = None

    def judgement(self) -> Judgement:
        """Return what was written down."""
        ordered = sorted(self.findings, key=lambda finding: _END if finding.event is None else finding.event)
        return Judgement(tuple(ordered), self.deliveries, self.silences, dict(self.evidence))


_END = 1 << 62
