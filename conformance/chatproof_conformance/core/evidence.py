"""What a verdict rests on: how much was seen, and how much was shown not to happen."""

from dataclasses import dataclass


@dataclass(slots=True)
class Evidence:
    """Counts of what could have gone wrong and did not.

    Attributes:
        deliveries: messages that had to arrive, and did.
        silences: times that nothing was allowed to arrive at a peer, and a fence showed that nothing did.
        frames: frames received and checked against FRAME-1 and the schemas.
    """

    deliveries: int = 0
    silences: int = 0
    frames: int = 0

    def add(self, other: "Evidence") -> None:
        """Add another count to this one."""
        self.deliveries += other.deliveries
        self.silences += other.silences
        self.frames += other.frames
