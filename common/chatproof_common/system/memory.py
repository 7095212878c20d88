"""How much memory a process takes."""

from pathlib import Path


def resident_kib(pid: int, *, most: bool = False) -> int:
    """Return a process's resident memory in KiB, now or at most until now, if the system says (0 elsewhere)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    member = "VmHWM:" if most else "VmRSS:"
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(member)), 0)
