"""What is printed on standard error, whatever the format of the findings: what could not be read, and the counts."""

import sys
from collections import Counter
from collections.abc import Iterator

from chatproof_common.printable import printable, shortened
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.findings import UNKNOWN_TYPE, Tally, Unreadable
from chatproof_schemas.validate.styled import Styled

_MOST_KINDS = 12
_SENDERS = {Direction.CLIENT: "clients", Direction.SERVER: "servers"}


class Notices:
    """Prints for a person.

    Attributes:
        err: standard error, coloured only if that is a terminal.
    """

    def __init__(self) -> None:
        self.err = Styled(sys.stderr)

    def print_unreadable(self, unreadable: Unreadable) -> None:
        """Print why a file, or its rest, could not be read."""
        line = "" if unreadable.line is None else f":{unreadable.line}"
        place = f"{printable(unreadable.file)}{line}"
        self.err.print((place, "bold"), (": ", ""), (unreadable.why, "red"))

    def print_cut(self, name: str, line: int, what: str) -> None:
        """Print that something has no LF: on the wire it would be no frame yet."""
        self.err.print((f"{printable(name)}:{line}: note: {what} has no LF; in a stream it is cut off", ""))

    def sum_up(self, tally: Tally) -> None:
        """Print how many messages of which types there were, how many had which fault, and how often what was noted."""
        style = "red" if tally.invalid else "green"
        total = f"{_count(tally.messages, 'message')}, {tally.invalid} invalid"
        self.err.print((total, f"bold {style}"))
        rows = {"valid": _types(tally.valid), "invalid": tally.codes, "notes": _kinds(tally)}
        for label, counts in rows.items():
            if counts:
                self.err.print((f"  {label + ':':9}" + ", ".join(_by_size(counts)), ""))


def _types(valid: Counter[tuple[Direction, str]]) -> Counter[str]:
    """Name the types; one that both directions have says whose messages they were."""
    names = Counter(name for _, name in valid)
    shown: Counter[str] = Counter()
    for (direction, name), count in valid.items():
        whose = f" of {_SENDERS[direction]}" if names[name] > 1 else ""
        shown[("of unknown type" if name == UNKNOWN_TYPE else name) + whose] += count
    return shown


def _kinds(tally: Tally) -> Counter[str]:
    shown: Counter[str] = Counter()
    for (_, note), count in tally.notes.items():
        shown[f"{printable(shortened(note.path))} {note.what}"] += count
    if tally.further_notes:
        shown["of other kinds"] = tally.further_notes
    return shown


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _by_size(counts: Counter[str]) -> Iterator[str]:
    yield from (f"{name} {number}" for name, number in counts.most_common(_MOST_KINDS))
    if len(counts) > _MOST_KINDS:
        yield "…"
