"""Which of the machine's cores threads and processes may use, if the system lets a program choose (Linux)."""

import contextlib
import os
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

_PROCESSOR = 36
"""The place of the core in /proc/…/stat, counted from the first member behind the program's name."""


def allowed_cores() -> frozenset[int]:
    """Return the cores that this thread may use; none if the system does not report it."""
    if sys.platform == "linux":
        return frozenset(os.sched_getaffinity(0))
    return frozenset()


def this_core() -> frozenset[int]:
    """Return the core that this thread runs on now, as a set; none if the system does not report it."""
    try:
        stat = Path("/proc/thread-self/stat").read_text("ascii", "replace")
    except OSError:
        return frozenset()
    return frozenset({int(stat.rpartition(")")[2].split()[_PROCESSOR])})


@contextlib.contextmanager
def on_cores(cores: AbstractSet[int]) -> Iterator[None]:
    """Keep threads and processes that this thread starts in the block to these cores, for good; with none, do nothing.

    If the system refuses, nothing is done either: this makes things faster, never right or wrong.
    """
    before = allowed_cores()
    if not cores & before:
        yield
        return
    _keep_to(cores & before)
    try:
        yield
    finally:
        _keep_to(before)


def _keep_to(cores: AbstractSet[int]) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, cores)


def has_idle_core() -> bool:
    """Return whether there are several cores, and more than processes wanted in the last minute, if the system says."""
    cores = os.cpu_count() or 1
    return cores > 1 and _load() < cores - 0.5


def _load() -> float:
    """Return how many processes wanted a core in the last minute; 0 if the system does not say (Windows)."""
    if sys.platform == "win32":
        return 0.0
    return os.getloadavg()[0]
