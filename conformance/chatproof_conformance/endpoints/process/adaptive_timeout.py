"""How long to wait before a missing answer counts as missing: a multiple of what this server has shown.

A deadline only ends a wait that failed, so it may be generous; a server that answers in 200 ms is slow, not wrong, and
one on a machine that has no time for it is neither.
"""

from collections.abc import Callable

from chatproof_conformance.endpoints.process.scheduler_delay import scheduler_delay

_SMOOTHING = 0.2
_HOPELESS = 3
_TURNS = 40
"""How often in a row a busy machine may let an answer wait for its turn: at each process that has a part in it."""


class AdaptiveTimeout:
    """Learns from every answer how quick the server is.

    Attributes:
        slowest: the longest answer seen so far, in seconds.
        typical: a running mean of the answers, in seconds.
        missed: how many answers did not come.
    """

    def __init__(
        self, floor: float = 2.5, ceiling: float = 30.0, lateness: Callable[[], float] = scheduler_delay
    ) -> None:
        """Wait at least ``floor`` and at most ``ceiling`` seconds for anything.

        ``lateness`` says how many seconds the machine is late with anything; :func:`scheduler_delay` watches it.
        """
        self._lateness = lateness
        self._floor = floor
        self._ceiling = ceiling
        self.slowest = 0.0
        self.missed = 0
        self.typical = 0.0

    def learn(self, seconds: float) -> None:
        """Take note of an answer that came after so many seconds."""
        self.slowest = max(self.slowest, seconds)
        self.typical += (seconds - self.typical) * _SMOOTHING

    def miss(self) -> None:
        """Take note of an answer that did not come."""
        self.missed += 1

    @property
    def unresponsive(self) -> bool:
        """Whether nothing has ever been answered, often enough to expect nothing more."""
        return not self.slowest and self.missed >= _HOPELESS

    @property
    def deadline(self) -> float:
        """Seconds after which an answer counts as missing, if nothing can prove it sooner."""
        if self.unresponsive:
            return self._floor / 10
        return min(self._ceiling, max(self._floor, 10 * self.slowest, _TURNS * self._lateness()))

    @property
    def soft(self) -> float:
        """Seconds after which it is worth asking the server to prove that an answer is missing."""
        return min(self.deadline / 4, max(0.05, 8 * self.typical))
