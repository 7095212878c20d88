"""Waits for something at any of several sockets or pipes."""

import select
import time
from collections.abc import Callable, Iterable
from typing import Protocol


class Readable(Protocol):
    """What has a descriptor that can be polled."""

    def fileno(self) -> int:
        """Return the descriptor."""


def readable(sources: Iterable[Readable], seconds: float) -> set[int]:
    """Wait so long until something can be read, or has ended, at any of these; return their descriptors."""
    poll = select.poll()
    for source in sources:
        poll.register(source.fileno(), select.POLLIN)
    return {descriptor for descriptor, _ in poll.poll(max(0.0, seconds) * 1000)}


def wait_for(sources: Iterable[Readable], come: Callable[[], bool], seconds: float) -> bool:
    """Wait until something comes at the sources, and ``come``, called each time, says that it is enough."""
    give_up, sources = time.monotonic() + seconds, list(sources)
    while readable(sources, give_up - time.monotonic()):
        if come():
            return True
    return False
