"""A command that is run behind the tap: its end is the tap's."""

import time
from collections.abc import Sequence
from typing import TextIO

from chatproof_common.addresses import shown_address
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.process_tree import TaggedProcess
from chatproof_common.system.processes import OURS, shell_status
from chatproof_common.system.shell_words import fill_words, join_words, shell_hint

_PATIENCE_SECONDS = 5.0


class Child:
    """A process that gets the tap's address; it shares the terminal, so Ctrl+C reaches it too."""

    def __init__(self, words: Sequence[str], address: tuple[str, int], out: TextIO) -> None:
        """Start it, with ``{host}`` and ``{port}`` replaced, the address in its environment, and ``out`` as its output.

        Raises:
            CommandError: if it cannot be started.
        """
        host, port = address
        self.words = fill_words(words, host=host, port=port)
        self._kill_at: float | None = None
        address_variables = {
            "CHATPROOF_TAP": shown_address(address),
            "CHATPROOF_TAP_HOST": host,
            "CHATPROOF_TAP_PORT": str(port),
        }
        try:
            self._process = TaggedProcess(
                self.words, stdin=OURS, stdout=out, stderr=OURS, more_environment=address_variables
            )
        except OSError as error:
            reason = f"{error.strerror}: {self.words[0]}{shell_hint(words)}"
            raise CommandError(f"the command cannot be run: {reason}") from None

    @property
    def status(self) -> int | None:
        """Its exit status, as a shell reports it (128 and the signal's number); None while it runs."""
        status = self._process.status
        return None if status is None else shell_status(status)

    def described(self) -> str:
        """Return its words and exit status, for a sentence."""
        return f"{join_words(self.words)}: exit status {self.status}"

    def ask_to_end(self) -> None:
        """Ask it, and all that it has started, to end; if it was asked seconds ago, kill it."""
        if self._kill_at is None:
            self._kill_at = time.monotonic() + _PATIENCE_SECONDS
            self._process.ask_all_to_stop()
        elif time.monotonic() >= self._kill_at:
            self._process.kill_all()

    def kill(self) -> None:
        """Make sure that it has ended, with all that it has started."""
        self._process.kill_all()
