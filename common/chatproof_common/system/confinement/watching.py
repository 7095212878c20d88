"""What a confined program and all that it has started use, and which of the limits that is above."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chatproof_common.system.confinement.limits import MEBIBYTE, Limits

_SOON = 0.9
"""Of the processes that it may have: the system keeps it from having all."""


class Usage(NamedTuple):
    """What is used now.

    Attributes:
        memory: bytes that no file holds.
        tasks: processes and threads.
    """

    memory: int
    tasks: int


def descendants(of: int) -> list[int]:
    """Return the ids of what a process has started, and what that has, as this process sees them."""
    parents = dict(_parents())
    found = [of]
    for parent in found:
        found += [pid for pid, its in parents.items() if its == parent]
    return found[1:]


def usage(pids: Iterable[int]) -> Usage:
    """Return what these processes use."""
    memory = tasks = 0
    for pid in pids:
        status = dict(_status(pid))
        memory += sum(int(status.get(name, "0").split()[0]) * 1024 for name in ("RssAnon", "RssShmem"))
        tasks += int(status.get("Threads", "0"))
    return Usage(memory, tasks)


def exceeded(found: Usage, limits: Limits) -> str:
    """Return which limit is reached, as a clause; empty if none is."""
    if found.memory > limits.memory * MEBIBYTE:
        return f"it used more than {limits.memory} MiB of memory"
    if found.tasks >= limits.processes * _SOON:
        return f"it had about {limits.processes} processes and threads"
    return ""


def size_of(folder: str, most: int) -> int:
    """Return how many bytes the files beneath a folder take; no more is counted once it is above ``most``."""
    if sys.platform != "linux":
        raise NotImplementedError
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_blocks * 512  # noqa: PTH118  as below: called often
        if total > most:
            break
    return total


def _parents() -> Iterator[tuple[int, int]]:
    for name in os.listdir("/proc"):  # noqa: PTH208  several times a second: no objects for thousands of names
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123  the same
                    state, parent, *_ = file.read().rpartition(b")")[2].split()
                if state not in (b"Z", b"X"):
                    yield int(name), int(parent)


def _status(pid: int) -> Iterator[tuple[str, str]]:
    path = f"/proc/{pid}/status"
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  the same
        for line in file:
            name, _, value = line.partition(":")
            yield name, value.strip()
