"""The people of a script: its own name, those who are present, and words that occur nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count


@dataclass(slots=True)
class Room:
    """What the frames of one script may name.

    Attributes:
        token: ASCII letters and digits that nothing else on the server holds; every name and content of ours does.
        own: the name under which the connection joins.
        present: the names of joined clients that stay all the time and are not this one.
    """

    token: str
    own: str
    present: Sequence[str]
    _numbers: "count[int]" = field(default_factory=count, repr=False)

    def word(self) -> str:
        """Return a short ASCII content or name that is used only once."""
        return f"{self.token}w{next(self._numbers)}"
