"""The system's limit of open files, each connection being one: often 1,024 at first, though more is allowed."""


def allow_descriptors(wanted: int) -> int:
    """Raise this process's limit of open files towards ``wanted``, as far as the system lets it; return the limit.

    Where the system has no such limit, all that is wanted is allowed.
    """
    try:
        import resource  # noqa: PLC0415  POSIX alone has it
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft
