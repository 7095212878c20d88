"""A finding: one way in which a requirement is broken."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chatproof_schemas.transcript import Event


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a requirement was seen to be broken.

    Attributes:
        requirement: its id.
        case: the name of the case that saw it.
        expected: what the specification asks for.
        actual: what was seen instead.
        failures: how many of the attempts showed it.
        attempts: how often the case was tried.
        events: the traffic that shows it.
        started: the wall-clock time of second 0 of the traffic, None where it is not known.
    """

    requirement: str
    case: str
    expected: str
    actual: str
    failures: int = 1
    attempts: int = 1
    events: Sequence[Event] = field(default=(), repr=False)
    started: datetime | None = None

    @property
    def intermittent(self) -> bool:
        """Whether it does not show each time."""
        return self.failures < self.attempts
