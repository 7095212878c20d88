"""The process that drives the client under test: JSON lines both ways, as docs/driver-protocol.md says."""

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import described_status
from chatproof_common.system.shell_words import join_words, shell_hint, split_words
from chatproof_conformance.core.outcomes import TargetGone

END_SECONDS = 5.0
_LONGEST_LINE = 4_000_000

BUNDLED = f"{join_words(PROGRAM)} client --json-lines"
"""The command line of the bundled reference client."""


class Driver:
    """One process.

    Attributes:
        may_end: whether it is free to end, with exit status 0: it has reported that no connection stands.
        fresh: whether it has reported nothing yet.
        end_unreported: whether the end of a connection is yet to be reported: that may come when the next is asked for.
    """

    def __init__(self, command: str) -> None:
        """Start it.

        Raises:
            TargetGone: if the command cannot be run.
        """
        self.may_end = False
        self.fresh = True
        self.end_unreported = False
        self._pending = b""
        self._ended = False
        words = split_words(command)
        try:
            self._process = ProcessTree(words, reads_output=True)
        except OSError as error:
            raise TargetGone(f"the command cannot be run: {error.strerror}: {words[0]}{shell_hint(words)}") from None

    @property
    def open(self) -> bool:
        """Whether more can come from it."""
        return not self._ended

    def fileno(self) -> int:
        """Return the descriptor on which its lines arrive, for polling."""
        return self._process.fileno()

    def write(self, line: bytes, seconds: float) -> bool:
        """Write a line; return False if the process takes nothing for this long, or is gone."""
        return self._process.write(line + b"\n", seconds)

    def input_fileno(self) -> int | None:
        """Return the descriptor that takes its requests; None if it takes none any more."""
        return self._process.input_fileno()

    def write_some(self, data: bytes) -> int:
        """Write what its pipe takes just now; return how much that is: all of it if nobody reads it any more."""
        return self._process.write_some(data)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def read(self) -> list[bytes]:
        """Return the lines that have arrived since the last call, without their LF; blank ones are left out."""
        data = self._process.read()
        if data is None:
            return []
        self._ended = not data
        *lines, self._pending = (self._pending + data).split(b"\n")
        if self._ended or len(self._pending) > _LONGEST_LINE:
            lines, self._pending = [*lines, self._pending], b""
        return [line for line in lines if line.strip()]

    def exit_reason(self) -> str | None:
        """Return how it died, if it was not free to end; None if it lives, or ended as it may."""
        # If its output is closed, it is about to end: how, is worth a moment.
        status = self._process.wait(1.0 if self._ended else 0.0)
        if status is None or (status == 0 and self.may_end):
            return None
        return f"the client's process ended with {described_status(status)}{self._process.last_words()}"

    def end_input(self) -> None:
        """End its input: it is to leave, and to end."""
        self._process.end_input()

    def end(self, seconds: float = END_SECONDS) -> None:
        """End its input, wait this long, and kill what is left of it. Harmless when repeated."""
        self._process.close_pipes()
        self._ended = True
        self._process.end(seconds)
