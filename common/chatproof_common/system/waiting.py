"""Waits for sockets and pipes, and writes to those that take only some at a time."""

import math
import select
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol, TypeVar

from chatproof_common.system.errors import is_of_peer

READ, WRITE = 1, 4
"""What can be waited for: POLLIN (the end of a stream included) and POLLOUT."""
_SLICE = 0.25


class Source(Protocol):
    """What has a descriptor that can be waited for."""

    def fileno(self) -> int:
        """Return the descriptor."""


_S = TypeVar("_S", bound=Source)
_R = TypeVar("_R")


class Readiness:
    """Waits for one source, again and again: cheaper than naming it anew for each wait."""

    def __init__(self, source: Source | int, event: int = READ) -> None:
        """Wait for ``READ`` or ``WRITE`` of a source, or of a descriptor."""
        self._source, self._event = source, event
        self._poll = _new_poll()
        if self._poll is not None:
            self._poll.register(source, event)

    def wait(self, seconds: float | None) -> bool:
        """Wait so long (None: for ever) until it is ready; return whether it is."""
        if self._poll is not None:
            return bool(self._poll.poll(None if seconds is None else seconds * 1000 if seconds > 0 else 0))
        readers, writers = ([self._source], []) if self._event == READ else ([], [self._source])
        return bool(_select(readers, writers, seconds))


def is_readable(source: Source, seconds: float | None) -> bool:
    """Wait so long (None: for ever) until something can be read, or the stream has ended; return whether it can."""
    return Readiness(source).wait(seconds)


def readable(sources: Iterable[_S], seconds: float) -> list[_S]:
    """Wait so long until something can be read, or has ended, at any of these; return those."""
    named = {source.fileno(): source for source in sources}
    poll = _new_poll()
    if poll is None:
        return [named[descriptor] for descriptor in _select(list(named), [], seconds)]
    for descriptor in named:
        poll.register(descriptor, READ)
    return [named[descriptor] for descriptor, _ in poll.poll(max(0.0, seconds) * 1000)]


def wait_for(sources: Iterable[Source], come: Callable[[], bool], seconds: float) -> bool:
    """Wait until something comes at the sources, and ``come``, called each time, says that it is enough."""
    give_up, sources = time.monotonic() + seconds, list(sources)
    while readable(sources, give_up - time.monotonic()):
        if come():
            return True
    return False


def each_completed(futures: "Iterable[Future[_R]]") -> "Iterator[Future[_R]]":
    """Yield the futures as they are completed, by slices: Windows lets no Ctrl+C end a wait without a limit."""
    left = set(futures)
    while left:
        done, left = wait(left, timeout=_SLICE, return_when=FIRST_COMPLETED)
        yield from done


def write_all(write: Callable[[memoryview], int], data: bytes, writable: Readiness, seconds: float) -> bool:
    """Write all of it; return False if the reader has gone, or has not taken all after so many seconds.

    Raises:
        OSError: if it cannot be written for a reason that is not the reader's.
    """
    rest, give_up = memoryview(data), time.monotonic() + seconds
    while rest:
        try:
            rest = rest[write(rest) :]
        except BlockingIOError:  # noqa: PERF203  a full buffer is what this waits for
            if not writable.wait(give_up - time.monotonic()):
                return False
        except OSError as error:
            if not is_of_peer(error):
                raise
            return False
    return True


def _new_poll() -> Any:
    """Return a poll object, None on Windows: elsewhere select() is worse, it watches no descriptor above 1023."""
    if sys.platform == "win32":
        return None
    return select.poll()


def _select(readers: list[Any], writers: list[Any], seconds: float | None) -> list[Any]:
    """Return which of them are ready, as select() has it; on Windows no Ctrl+C ends that, so it waits by slices."""
    give_up = math.inf if seconds is None else time.monotonic() + seconds
    while True:
        rest = max(0.0, min(_SLICE, give_up - time.monotonic()))
        ready, writable, broken = select.select(readers, writers, writers, rest)  # a refused connection is "broken"
        if ready or writable or broken or rest < _SLICE:
            return [*ready, *writable, *broken]
