"""A finding: one way in which a requirement is broken, from the case or judge that sees it to every report."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime

from chatproof_schemas.transcript import Event


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a requirement was seen to be broken.

    Whoever sees it fills in what and where; a later floor fills in the case, the traffic and the attempts, with
    :func:`dataclasses.replace`.

    Attributes:
        requirement: its id; empty if a case sees its own first requirement broken.
        expected: what the specification asks for.
        actual: what was seen instead.
        case: the name of the case that saw it, or the place in a recording.
        connection: at which connection, by the recorder's name for it; None if ``expected`` says where, or it is at
            no single one.
        event: the index in ``events`` of the event nearest to it; None if no single one is known.
        frames: the bytes, without LF, of what must not have come: frames, or lines of a driver, as many as ``actual``
            lists; empty if something is missing, or not known.
        failures: how many of the attempts showed it.
        attempts: how often the case was tried.
        events: the traffic that shows it.
        started: the wall-clock time of second 0 of the traffic, None if it is not known.
    """

    requirement: str
    expected: str
    actual: str
    _: KW_ONLY
    case: str = ""
    connection: str | None = None
    event: int | None = None
    frames: tuple[bytes, ...] = ()
    failures: int = 1
    attempts: int = 1
    events: Sequence[Event] = field(default=(), repr=False)
    started: datetime | None = None

    @property
    def expected_there(self) -> str:
        """What is expected and at which connection, as people read it."""
        return self.expected if self.connection is None else f"{self.expected} at {self.connection}"

    @property
    def intermittent(self) -> bool:
        """Whether it does not show each time."""
        return self.failures < self.attempts
