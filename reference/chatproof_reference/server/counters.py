"""What a server has counted since it started."""

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Counters:
    """Totals since the start, for an operator; the titles say of what.

    Attributes:
        connections: those accepted, ``turned_away`` included.
        turned_away: those that were ended at once, by reason: too many, or no thread for one.
        ended: the other connections that have ended, by reason.
    """

    connections: int = field(default=0, metadata={"title": "Connections"})
    joins: int = field(default=0, metadata={"title": "Joins"})
    public_messages: int = field(default=0, metadata={"title": "Public messages"})
    private_messages: int = field(default=0, metadata={"title": "Private messages delivered"})
    undelivered: int = field(default=0, metadata={"title": "Private messages not delivered"})
    announcements: int = field(default=0, metadata={"title": "Server messages"})
    deliveries: int = field(default=0, metadata={"title": "Deliveries, each recipient counted"})
    refused: Counter[str] = field(default_factory=Counter, metadata={"title": "Refused frames, by error code"})
    ended: Counter[str] = field(default_factory=Counter, metadata={"title": "Ended, by reason"})
    turned_away: Counter[str] = field(default_factory=Counter, metadata={"title": "Ended, by reason"})

    def as_dict(self) -> dict[str, Any]:
        """Return the totals as JSON values."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    @staticmethod
    def titles() -> dict[str, str]:
        """Return what people call each of the totals, by its name; two that are shown as one have the same title."""
        return {member.name: member.metadata["title"] for member in fields(Counters)}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Counter) else value
