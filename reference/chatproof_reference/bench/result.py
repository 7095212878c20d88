"""The results of a load: what each process saw, and all of it together."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from chatproof_reference.bench.scenario import Scenario


@dataclass(slots=True, kw_only=True)
class Counts:
    """How many of everything.

    Attributes:
        sent: messages that the clients sent.
        deliveries: messages that arrived, each recipient counted.
        expected: messages that had to arrive.
        missing: deliveries that never came.
        doubled: messages that arrived more than once.
        reordered: messages that arrived before an earlier one of the same sender.
        lost: connections that ended.
        dropped: connections that ended, of those that never read.
    """

    sent: int = 0
    deliveries: int = 0
    expected: int = 0
    missing: int = 0
    doubled: int = 0
    reordered: int = 0
    lost: int = 0
    dropped: int = 0


@dataclass(slots=True, kw_only=True)
class Seen(Counts):
    """What one process saw. Times are on the system's monotonic clock, which its processes share.

    Attributes:
        checksums: of each client's stream, if streams are comparable; None for another than its process's others.
        entering: when the first client began to connect, and when the last was in.
        sending: when the first message was sent, and when the last delivery was read.
        latencies: seconds from sending, or from when a message was due, to its arrival at the client that only listens
            and, at a fixed rate, at some others too.
    """

    checksums: list[int | None] = field(default_factory=list)
    entering: tuple[float, float] = (0.0, 0.0)
    sending: tuple[float, float] = (0.0, 0.0)
    latencies: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Result(Counts):
    """What a load showed: the counts of all processes, and what follows from what they saw.

    Attributes:
        seconds: from the first message sent to the last delivered.
        join_seconds: from the first connection to the last client in.
        differing: clients whose stream of bytes was another than the others'. Not a failure by itself: recipients
            need not get the same bytes, nor (ORDER-3) in the same order.
        read_closely: whether every client's stream was read message by message, and not one client's alone.
        latency_ms: percentiles of the time that a message took, in milliseconds.
        server_kib: the server's resident memory before anybody came, when all had joined, at most, and afterwards.
        server_cores: cores that the server had for itself, and the load the others; 0 if both used the same ones.
    """

    scenario: Scenario
    seconds: float = 0.0
    join_seconds: float = 0.0
    differing: int = 0
    read_closely: bool = False
    latency_ms: dict[str, float] = field(default_factory=dict)
    server_kib: dict[str, int] = field(default_factory=dict)
    server_cores: int = 0

    @property
    def deliveries_per_second(self) -> float:
        """Deliveries divided by seconds."""
        return self.deliveries / self.seconds if self.seconds else 0.0

    @property
    def kib_per_client(self) -> float:
        """What the server's resident memory grew by for each client that joined, in KiB; 0 if that is not known."""
        grown = self.server_kib.get("joined", 0) - self.server_kib.get("before", 0)
        return max(0, grown) / (self.scenario.clients + self.scenario.stalled)

    @property
    def is_correct(self) -> bool:
        """Whether every message arrived exactly once and in order."""
        return not (self.missing or self.doubled or self.reordered or self.lost)

    @property
    def is_conclusive(self) -> bool:
        """Whether that has been seen for every client: by the same bytes everywhere, or by reading each closely."""
        return self.read_closely or not self.differing

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            **asdict(self),
            "name": self.scenario.name,
            "deliveries_per_second": round(self.deliveries_per_second),
            "kib_per_client": round(self.kib_per_client, 1),
            "is_correct": self.is_correct,
        }


def put_together(scenario: Scenario, parts: Sequence[Seen], *, read_closely: bool = False) -> Result:
    """Return what all processes saw, as one result."""
    result = Result(scenario, read_closely=read_closely)
    for count in fields(Counts):
        setattr(result, count.name, sum(getattr(part, count.name) for part in parts))
    checksums = [checksum for part in parts for checksum in part.checksums]
    first = next((checksum for checksum in checksums if checksum is not None), None)
    result.differing = sum(checksum is None or checksum != first for checksum in checksums)
    result.seconds = _span([part.sending for part in parts])
    result.join_seconds = _span([part.entering for part in parts])
    result.latency_ms = percentiles([latency for part in parts for latency in part.latencies])
    return result


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return p50, p99 and p99.9 of durations, in milliseconds."""
    ranked = sorted(seconds)
    if not ranked:
        return {}
    return {
        name: round(ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000, 3)
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))
    }


def _span(times: Sequence[tuple[float, float]]) -> float:
    return max(end for _, end in times) - min(begin for begin, _ in times)
