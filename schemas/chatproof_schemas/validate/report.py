"""Passes on what is found to the writer of findings and the counts.

Standard error gets what could not be read, and the counts, whatever the format of the findings.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from chatproof_common.printable import printable, shortened
from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.findings import UNKNOWN_TYPE, Finding, Level, Tally, Unreadable
from chatproof_schemas.validate.judging import Judgement
from chatproof_schemas.validate.lines import Line
from chatproof_schemas.validate.progress import Progress
from chatproof_schemas.validate.styled import Styled
from chatproof_schemas.validate.writers import Writer

VALID, INVALID, CANNOT_RUN = range(3)
_MOST_KINDS = 12
_SENDERS = {Direction.CLIENT: "clients", Direction.SERVER: "servers"}


class Report:
    """Takes every message that was not recognised as valid, and everything else that there is to report.

    Attributes:
        tally: the counts so far; whoever recognises valid messages counts them there.
        progress: the bar.
    """

    def __init__(self, writer: Writer, *, on_terminal: bool) -> None:
        """Start with nothing found; ``on_terminal``: the writer writes on the terminal, so the bar makes way for it."""
        self.tally = Tally()
        self._writer = writer
        self._on_terminal = on_terminal
        self._err = Styled(sys.stderr)
        self.progress = Progress(self._err.console)
        self._file = ""

    def begin_file(self, name: str) -> None:
        """Begin a file."""
        self._file = name
        self.tally.files += 1
        self._writer.begin_file(name)

    def add(self, line: Line, judgement: Judgement, connection: str | None = None) -> None:
        """Count a message, and write each problem that it has, and each note that is the first of its kind."""
        if judgement.problems:
            self.tally.invalid += 1
            self.tally.codes[judgement.problems[0].code] += 1
        elif judgement.direction:
            self.tally.valid[judgement.direction, judgement.type] += 1
        new = [note for note in judgement.notes if self.tally.add_note(judgement.direction, note)]
        if not judgement.problems and not new:
            return
        if self._on_terminal:
            self.progress.hide()
        for problem in (*judgement.problems, *new):
            level: Level = "error" if judgement.problems else "note"  # an invalid message has no notes
            place = (self._file, line.number)
            self._writer.write(Finding(level, *place, problem, judgement.direction, connection, line.frame))

    def add_unreadable(self, line: int | None, why: str) -> None:
        """Report why the file, or the rest of it, could not be read."""
        unreadable = Unreadable(self._file, line, why)
        self.tally.unreadable.append(unreadable)
        self.progress.hide()
        self._writer.write_unreadable(unreadable)
        place = printable(self._file) + ("" if line is None else f":{line}")
        self._err.print((place, "bold"), (": ", ""), (printable(why), "red"))

    def add_cut(self, line: int, what: str) -> None:
        """Report that something, such as the last line, has no LF: on the wire it would not be a frame yet."""
        self.progress.hide()
        place = f"{printable(self._file)}:{line}"
        self._err.print((f"{place}: note: {printable(what)} has no LF; in a stream it is cut off", ""))

    def sum_up(self) -> int:
        """Print the counts, and return the exit code."""
        self.progress.hide()
        code = CANNOT_RUN if self.tally.unreadable else INVALID if self.tally.invalid else VALID
        self._writer.close(self.tally, code)
        self._print_counts()
        return code

    def _print_counts(self) -> None:
        tally = self.tally
        total = f"{_count(tally.messages, 'message')}, {tally.invalid} invalid"
        self._err.print((total, f"bold {'red' if tally.invalid else 'green'}"))
        rows = {"valid": _types(tally.valid_by_size), "invalid": tally.codes, "notes": _kinds(tally)}
        for label, counts in rows.items():
            if counts:
                self._err.print((f"  {label + ':':9}" + ", ".join(_by_size(counts)), ""))


def _types(valid: Sequence[tuple[tuple[Direction, str], int]]) -> Counter[str]:
    """Name the types; one that both directions have says whose messages they were."""
    names = Counter(name for (_, name), _ in valid)
    shown: Counter[str] = Counter()
    for (direction, name), count in valid:
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
