"""A driver that drives nothing: what is left of generated traffic is Hypothesis alone."""

from collections.abc import Sequence

from chatproof_conformance.endpoints.traffic.traffic_driver import TrafficDriver


class IdleDriver(TrafficDriver):
    """Counts the steps that a driver would carry out."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.steps = 0

    def name(self, label: str) -> str:
        """Return a label as the name."""
        return label

    def send(self, slot: str, frames: Sequence[bytes], *, wait: bool = True, cuts: Sequence[float] = ()) -> None:  # noqa: ARG002  takes what a driver takes
        """Count the frames."""
        self.steps += len(frames)

    def send_half(self, slot: str, frame: bytes, cut: float) -> None:  # noqa: ARG002  the same
        """Count a frame."""
        self.steps += 1

    def end(self, slot: str, how: str) -> None:  # noqa: ARG002  the same
        """Count an end."""
        self.steps += 1

    def send_together(self, frames_by_slot: dict[str, list[bytes]], *, wait: bool = True) -> None:  # noqa: ARG002  the same
        """Count the frames."""
        self.steps += sum(map(len, frames_by_slot.values()))

    def judge(self) -> None:
        """Judge nothing."""

    def close(self) -> None:
        """Close nothing."""
