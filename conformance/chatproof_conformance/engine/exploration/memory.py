"""What failed in earlier checks of the same server: the traffic that shows it, so that it can be sent again first."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from chatproof_conformance.space.histories import History
from chatproof_conformance.space.script import Script

Place = tuple[int, int]
"""Of a lane: the number of its group, and its own in the group."""
RUNNING: ContextVar[Place | None] = ContextVar("RUNNING", default=None)
"""The lane that runs in this task; None if none does."""


@dataclass(slots=True)
class FailureMemory:
    """By requirement, what showed it to be broken the last time.

    Attributes:
        scripts: the scripts of the wave that showed it.
        histories: the history that showed it.
        lanes: the lane that showed it.
    """

    scripts: dict[str, Sequence[Script]] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)
    lanes: dict[str, Place] = field(default_factory=dict)

    def note_lane(self, requirement: str) -> None:
        """Remember the lane that runs in this task, if one does."""
        if (place := RUNNING.get()) is not None:
            self.lanes[requirement] = place

    def holds(self, requirement: str) -> bool:
        """Whether it is known what showed it to be broken."""
        return any(requirement in known for known in (self.scripts, self.histories, self.lanes))
