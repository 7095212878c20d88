"""A finding: one way in which a requirement is broken, from the case or judge that sees it to every report."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime

from chatproof_schemas.transcript import Event


@dataclass(frozen=True, slots=True)
class Cause:
    """The frame of a client that a finding is about.

    Attributes:
        connection: the recorder's name for the connection that it was sent over.
        line: its number among the LF-ended lines of that stream, blank ones too, from 0; what stands after the last
            LF has the next number. It is ``END`` if the finding is about the connection's end.
    """

    connection: str
    line: int


END = -1
"""The line of a cause that is the end of a connection."""


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
        cause: the sent frame that it is about; None if no single one is known.
        instead: the ids one of which alone is broken if it is known to be: what was seen does not tell them apart.
        failures: how many of the attempts showed it.
        attempts: how often the case was tried.
        events: the traffic that shows it.
        started: the wall-clock time of second 0 of the traffic, None if it is not known.
        hides: how many other symptoms it explains.
        hidden: the ids of requirements that seem broken by it alone.
        last_words: what the server printed around that moment; lines, the last one last.
        situation: its place in the space of input, such as ``message.content: null; joined; one write``.
        drawn: whether its input was drawn by chance, so that a run with another seed may miss it.
    """

    requirement: str
    expected: str
    actual: str
    _: KW_ONLY
    case: str = ""
    connection: str | None = None
    event: int | None = None
    frames: tuple[bytes, ...] = ()
    cause: Cause | None = None
    instead: tuple[str, ...] = ()
    failures: int = 1
    attempts: int = 1
    events: Sequence[Event] = field(default=(), repr=False)
    started: datetime | None = None
    hides: int = 0
    hidden: tuple[str, ...] = ()
    last_words: str = field(default="", repr=False)
    situation: str = ""
    drawn: bool = False

    @property
    def expected_there(self) -> str:
        """What is expected and at which connection, as people read it."""
        there = "" if self.connection is None else f" at {self.connection}"
        return self.expected.removesuffix(there) + there

    @property
    def seen_by(self) -> str:
        """The case that saw it or the situation in which it shows: with its requirement, what tells it from others."""
        return self.case or self.situation

    @property
    def intermittent(self) -> bool:
        """Whether it does not show each time."""
        return self.failures < self.attempts
