"""What a chat was to show, and how much of it was seen: a cell of the matrix is green only if nothing is lacking."""

from collections.abc import Callable
from dataclasses import dataclass, field

Check = Callable[[], bool]

KINDS = {
    "join": "joins, each told to all",
    "taken": "a name that is taken is refused, and another one is taken",
    "public": "public messages, shown by all",
    "long": "a message that is too long is refused by its own client",
    "burst": "many messages at once from all",
    "private": "private messages, shown by one and confirmed",
    "absent": "a private message to nobody is told as failed",
    "leave": "a leave, told to all",
    "return": "somebody comes back under the same name",
    "announcement": "an announcement of the operator, shown by all",
    "stop": "the server stops, and each client tells the end",
}
"""The parts of the conversation, in its order."""


@dataclass(slots=True)
class Sighting:
    """One part of the conversation.

    Attributes:
        kind: one of :data:`KINDS`.
        wanted: how many things were to be seen.
        seen: how many were.
        lacking: what the first one was that was not.
    """

    kind: str
    wanted: int = 0
    seen: int = 0
    lacking: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all was seen, and anything was to be."""
        return self.seen == self.wanted > 0


@dataclass(slots=True)
class Expected:
    """What is to be seen of one part, each with the words that name it."""

    kind: str
    checks: dict[str, Check] = field(default_factory=dict)

    def add(self, what: str, check: Check) -> None:
        """Expect one thing more."""
        self.checks[what] = check

    def progress(self) -> Check:
        """Return what says whether all of it was seen by now; it looks only at what is still lacking."""
        waiting = dict(self.checks)

        def all_seen() -> bool:
            for what in [what for what, check in waiting.items() if check()]:
                del waiting[what]
            return not waiting

        return all_seen


class Sightings:
    """All parts of a conversation.

    Attributes:
        of: each part that was begun, by its kind.
    """

    def __init__(self) -> None:
        self.of: dict[str, Sighting] = {}

    def count(self, expected: Expected) -> None:
        """Count what was seen, now that no more is waited for."""
        sighting = self.of.setdefault(expected.kind, Sighting(expected.kind))
        for what, check in expected.checks.items():
            sighting.wanted += 1
            if check():
                sighting.seen += 1
            elif not sighting.lacking:
                sighting.lacking = what

    def lacking(self) -> list[str]:
        """Return, in words, what was to be seen and was not."""
        return [
            f"{KINDS[one.kind]}: {one.seen} of {one.wanted} seen; first not seen: {one.lacking}"
            for one in self.of.values()
            if not one.is_whole
        ]
