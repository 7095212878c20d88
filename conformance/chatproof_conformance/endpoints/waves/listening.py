"""How long to wait for what may never come: only time in which the harness really listened counts."""

import asyncio
from collections import deque
from collections.abc import Callable

SLICE = 0.05
"""Seconds: what takes longer to wake up from was no listening."""
_KEPT = 400
_FEWEST = 5


class Listening:
    """What one instance of the server has shown of its speed, and the waits for it.

    Attributes:
        arrivals: how many chunks have arrived so far.
    """

    def __init__(self, *, most: float = 4.0) -> None:
        """Know nothing yet, and be patient for so many seconds at most."""
        self.arrivals = 0
        self._most = most
        self._latencies: deque[float] = deque(maxlen=_KEPT)
        self._usual: float | None = None
        self._learnt = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def beside(self) -> "Listening":
        """Return another one that shares what is known of the speed, and has arrivals of its own."""
        other = Listening(most=self._most)
        other._latencies = self._latencies
        return other

    def arrived(self) -> None:
        """Wake up who waits: something has arrived, or ended."""
        self.arrivals += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def learn(self, seconds: float) -> None:
        """Take note of an answer that took so long."""
        self._latencies.append(seconds)
        self._learnt += 1

    @property
    def usual(self) -> float:
        """The 90th percentile of the answers so far, in seconds."""
        if len(self._latencies) < _FEWEST:
            return 0.02
        if self._learnt >= _FEWEST or self._usual is None:
            ordered = sorted(self._latencies)
            self._usual, self._learnt = ordered[len(ordered) * 9 // 10], 0
        return self._usual

    def patience(self, factor: float = 1.0) -> float:
        """Seconds of silence after which what has not come will not come."""
        return min(self._most, factor * max(0.35, 8 * self.usual))

    async def until(self, done: Callable[[], bool], patience: float, most: float = 30.0) -> bool:
        """Wait until something is so; return False after so many seconds of silence, or so many seconds at most."""
        loop = asyncio.get_running_loop()
        began, quiet, seen = loop.time(), 0.0, self.arrivals
        while not done():
            if quiet >= patience or loop.time() - began >= most:
                return False
            part = min(SLICE, max(0.001, patience - quiet))
            await self._news(part)
            quiet = quiet + part if self.arrivals == seen else 0.0
            seen = self.arrivals
        return True

    async def _news(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait((future,), timeout=seconds)
        finally:
            self._waiting.discard(future)
