"""The system's limits: of open files, each connection being one, often 1,024 at first; and the stacks of threads."""

import contextlib
import math
import sys
from collections.abc import Iterable
from pathlib import Path

_MOST_FILES = 2.0**20
"""What is asked for if the system refuses to lift the limit altogether."""


def allow_files(wanted: float = math.inf) -> float:
    """Raise this process's limit of open files towards ``wanted``, as far as the system lets it; never lower it.

    Returns:
        How many files may be open now; infinity if there is no limit.
    """
    if sys.platform == "win32":
        return math.inf
    import resource  # noqa: PLC0415  POSIX alone has it

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return math.inf
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    while soft < wanted:
        # macOS reports no hard limit, and refuses more than its kernel has for a process: less may do.
        with contextlib.suppress(ValueError, OSError):
            limit = resource.RLIM_INFINITY if math.isinf(wanted) else int(wanted)
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            break
        wanted = _MOST_FILES if math.isinf(wanted) else wanted / 2
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return math.inf if soft == resource.RLIM_INFINITY else soft


def restrict_files(pids: Iterable[int], more: int) -> bool:
    """Let each of these processes open only so many more files; return False if this system cannot (not Linux)."""
    if sys.platform != "linux":
        return False
    import resource  # noqa: PLC0415  POSIX alone has it

    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            highest = max((int(file.name) for file in Path(f"/proc/{pid}/fd").iterdir()), default=0)
            _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1 + more, hard))
    return True


def stack_bytes(wanted: int) -> int:
    """Return what to give ``threading.stack_size`` for threads that need little; 0, the system's own size, on Windows.

    Elsewhere a stack is only reserved, and takes memory as it is used.
    """
    return 0 if sys.platform == "win32" else wanted
