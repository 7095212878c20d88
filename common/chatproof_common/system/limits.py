"""The system's limit of open files, each connection being one: often 1,024 at first, though more is allowed."""

import contextlib
import math


def allow_files(wanted: float = math.inf) -> float:
    """Raise this process's limit of open files towards ``wanted``, as far as the system lets it; never lower it.

    Returns:
        How many files may be open now; infinity if there is no limit.
    """
    try:
        import resource  # noqa: PLC0415  POSIX alone has it
    except ImportError:
        return math.inf
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return math.inf
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # a system may allow less than it reports
            soft = resource.RLIM_INFINITY if math.isinf(wanted) else int(wanted)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return math.inf if soft == resource.RLIM_INFINITY else soft
