"""What is measured, and what came out."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load.

    Attributes:
        clients: that get every message; the first only listens, and is read most closely.
        senders: how many of the others send.
        window: messages that each sender has under way at most.
        rate: messages a second of all senders together; 0: as fast as the window allows.
        stalled: further clients that join and never read.
        seconds: how long messages are sent.
    """

    clients: int
    senders: int
    window: int = 32
    rate: float = 0.0
    stalled: int = 0
    seconds: float = 3.0

    @property
    def name(self) -> str:
        """A short name."""
        parts = [f"{self.clients} clients", f"{self.senders} sending"]
        parts += [f"{self.rate:g}/s"] if self.rate else [f"window {self.window}"]
        return ", ".join(parts + ([f"{self.stalled} stalled"] if self.stalled else []))


@dataclass(slots=True)
class Result:
    """What a load showed.

    Attributes:
        sent: messages sent.
        deliveries: messages that arrived, each recipient counted.
        expected: messages that had to arrive.
        seconds: from the first message sent to the last delivered.
        join_seconds: from the first connection to the last client in.
        missing: deliveries that never came.
        doubled: messages that the first client got more than once.
        reordered: messages that the first client got before an earlier one of the same sender.
        differing: clients whose stream of bytes was another than the first client's, where streams are comparable.
        lost: connections that ended.
        latency_ms: percentiles of the time from sending to the first client's reading, in milliseconds.
    """

    scenario: Scenario
    sent: int = 0
    deliveries: int = 0
    expected: int = 0
    seconds: float = 0.0
    join_seconds: float = 0.0
    missing: int = 0
    doubled: int = 0
    reordered: int = 0
    differing: int = 0
    lost: int = 0
    latency_ms: dict[str, float] = field(default_factory=dict)
    server_kib: dict[str, int] = field(default_factory=dict)

    @property
    def deliveries_per_second(self) -> float:
        """Deliveries divided by seconds."""
        return self.deliveries / self.seconds if self.seconds else 0.0

    @property
    def is_correct(self) -> bool:
        """Whether every message arrived exactly once and in order."""
        return not (self.missing or self.doubled or self.reordered or self.differing or self.lost)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {**asdict(self), "name": self.scenario.name, "deliveries_per_second": round(self.deliveries_per_second)}


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return p50, p99 and p99.9 of durations, in milliseconds."""
    ranked = sorted(seconds)
    if not ranked:
        return {}
    return {
        name: round(ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000, 3)
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))
    }
