"""What a server has counted since it started."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Counters:
    """Totals since the start, for an operator.

    Attributes:
        connections: connections accepted.
        turned_away: those of them that were ended at once, by reason: too many, or no thread for one.
        joins: joins that succeeded.
        public_messages: public messages routed.
        private_messages: private messages delivered.
        undelivered: private messages whose target was not there.
        announcements: what the operator announced.
        deliveries: frames handed to clients, each recipient counted.
        refused: frames answered with an error, by its code.
        ended: the other connections that have ended, by reason.
    """

    connections: int = 0
    joins: int = 0
    public_messages: int = 0
    private_messages: int = 0
    undelivered: int = 0
    announcements: int = 0
    deliveries: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the totals as JSON values."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Counter) else value
