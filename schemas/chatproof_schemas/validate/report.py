"""Passes on what is found: to the writer of findings, to standard error, to the counts."""

from chatproof_schemas.validate.findings import Finding, Level, Tally, Unreadable
from chatproof_schemas.validate.judging import Judgement
from chatproof_schemas.validate.lines import Line
from chatproof_schemas.validate.notices import Notices
from chatproof_schemas.validate.progress import Progress
from chatproof_schemas.validate.writers import Writer

VALID, INVALID, CANNOT_RUN = range(3)


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
        self._notices = Notices()
        self.progress = Progress(self._notices.err.console)
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
        self._notices.print_unreadable(unreadable)

    def add_cut(self, line: int, what: str) -> None:
        """Report that something, such as the last line, has no LF."""
        self.progress.hide()
        self._notices.print_cut(self._file, line, what)

    def sum_up(self) -> int:
        """Print the counts, and return the exit code."""
        self.progress.hide()
        code = CANNOT_RUN if self.tally.unreadable else INVALID if self.tally.invalid else VALID
        self._writer.close(self.tally, code)
        self._notices.sum_up(self.tally)
        return code
