"""How a chat went: what was broken and by whom, what was seen, and what that makes of its cell in the matrix."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatproof_conformance.apps.interop.chat.sightings import Sighting
from chatproof_conformance.apps.interop.manifest import FEATURES, Party
from chatproof_conformance.core.findings import Finding
from chatproof_schemas import Level, requirements


class Status(str, enum.Enum):
    """What is said of a chat; the first that holds."""

    GONE = "did not start"
    """A program could not be started, or did not speak as it must to be judged."""
    BROKEN = "broken"
    """A MUST is broken, and it is known by whom."""
    UNSUPPORTED = "unsupported"
    """A client cannot do what it is declared to do."""
    UNKNOWN = "unclear"
    """Nothing is seen to be broken, but not enough was seen."""
    WARNING = "warning"
    """All was seen, and only a SHOULD is broken."""
    PARTLY = "partly"
    """All was seen that is declared, but a client does not declare all that there is."""
    WORKS = "works"
    """All was seen, and nothing is broken."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that was broken, and by whom.

    Attributes:
        party: who broke it.
        finding: what, with the traffic that shows it.
        connection: on which connection; empty if it is known of none.
    """

    party: Party
    finding: Finding
    connection: str = ""

    @property
    def is_must(self) -> bool:
        """Whether it is a MUST."""
        return requirements()[self.finding.requirement].level is Level.MUST


@dataclass(frozen=True, slots=True)
class Guest:
    """One of those who took part.

    Attributes:
        party: which client it is.
        username: the name of its user.
        prefix: how the names of its connections begin.
    """

    party: Party
    username: str
    prefix: str


@dataclass(slots=True)
class Outcome:
    """How a chat went.

    Attributes:
        server: the server.
        guests: who took part.
        is_together: whether these are several different clients, not instances of one.
        breaches: what was broken, the server's first.
        sightings: what was seen.
        unsupported: what clients cannot do although they are declared to: client, request, the driver's reason.
        gone: who could not be judged, and why; None if all could.
        kept: the ids of what the server was seen to keep.
        seconds: how long it took.
    """

    server: Party
    guests: Sequence[Guest]
    is_together: bool
    breaches: list[Breach] = field(default_factory=list)
    sightings: Sequence[Sighting] = ()
    unsupported: list[tuple[Party, str, str]] = field(default_factory=list)
    gone: tuple[Party, str] | None = None
    kept: Sequence[str] = ()
    seconds: float = 0.0

    @property
    def clients(self) -> list[Party]:
        """The clients, each once."""
        return list({guest.party.label: guest.party for guest in self.guests}.values())

    @property
    def undeclared(self) -> Mapping[str, list[str]]:
        """What is not declared, and so was not asked for, by the client."""
        lacks = {one.label: [name for name in FEATURES if name not in one.supports] for one in self.clients}
        return {label: names for label, names in lacks.items() if names}

    @property
    def status(self) -> Status:
        """What is said of it."""
        if self.gone is not None:
            return Status.GONE
        if any(breach.is_must for breach in self.breaches):
            return Status.BROKEN
        if self.unsupported:
            return Status.UNSUPPORTED
        if not self.sightings or not all(one.is_whole for one in self.sightings):
            return Status.UNKNOWN
        if self.breaches:
            return Status.WARNING
        return Status.PARTLY if self.undeclared else Status.WORKS
