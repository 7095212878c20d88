"""Which reports `interop` writes, and where."""

from collections.abc import Iterable

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.reporting.reports import Destination, read_destinations

KINDS = ("html", "json", "md")

__all__ = ["KINDS", "Destination", "read_interop_destinations"]


def read_interop_destinations(options: Iterable[str]) -> tuple[Destination, ...]:
    """Read ``KIND=FILE[,KIND=FILE…]``.

    Raises:
        CommandError: if a kind is none of these, or a file is named twice.
    """
    found = read_destinations(options)
    for one in found:
        if one.kind not in KINDS:
            raise CommandError(
                f"--report {one.kind}={one.name}: interop writes {', '.join(KINDS[:-1])} and {KINDS[-1]}"
            )
    return found
