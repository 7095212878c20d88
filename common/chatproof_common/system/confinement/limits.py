"""How much a confined program may use, and the limits that the system itself holds it to."""

import os
import resource
import sys
from collections.abc import Iterator
from typing import NamedTuple

MEBIBYTE = 1024 * 1024


class Limits(NamedTuple):  # no dataclass: importing those would take half of the start of whatever is confined
    """What a program may use, with all that it starts.

    Attributes:
        memory: MiB, of each process and of all together.
        processes: processes and threads at one time.
        files: open files and sockets of each process.
        disk: MiB, of one file and of its working copy.
        output: MiB that it may print.
        cpu: seconds of computing, of each process.
    """

    memory: int = 1024
    processes: int = 512
    files: int = 1024
    disk: int = 256
    output: int = 16
    cpu: int = 300


def apply(limits: Limits, *, others: int) -> None:
    """Hold this process, and what it starts, to limits; ``others``: processes of this user that count but are not its.

    A limit that is lower already stays. What is no limit of the system's own (memory of all together, a folder's
    size, output) is for whoever watches.
    """
    if sys.platform != "linux":
        raise NotImplementedError
    for number, most in _system_limits(limits, others):
        hard = resource.getrlimit(number)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (allowed, allowed))


def _system_limits(limits: Limits, others: int) -> Iterator[tuple[int, int]]:
    if sys.platform != "linux":
        raise NotImplementedError
    yield resource.RLIMIT_CORE, 0
    yield resource.RLIMIT_CPU, limits.cpu
    yield resource.RLIMIT_FSIZE, limits.disk * MEBIBYTE
    yield resource.RLIMIT_NOFILE, limits.files
    # The address space is no measure: runtimes reserve many times what they use.
    yield resource.RLIMIT_DATA, limits.memory * MEBIBYTE
    yield resource.RLIMIT_NPROC, limits.processes + others


def count_of_user(uid: int) -> int:
    """Return how many processes and threads a user has now."""
    count = 0
    for name in os.listdir("/proc"):  # noqa: PTH208  thousands of names: no objects for them
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == uid:  # noqa: PTH116  the same
                    count += len(os.listdir(f"/proc/{name}/task"))  # noqa: PTH208  the same
            except OSError:
                continue
    return count
