"""A server that the harness starts by a command line, on a free port, and stops."""

import time

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import described_status, run
from chatproof_common.system.shell_words import fill_words, join_words, split_words
from chatproof_common.system.sockets import accepts, free_port
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import NotTested, TargetGone

_HOST = "127.0.0.1"
_START_SECONDS = 30.0
_KILL_SECONDS = 5.0
_ANNOUNCE_SECONDS = 10.0
_POLL_SECONDS = 0.01

BUNDLED = f"{join_words(PROGRAM)} server --headless --host {_HOST} --port {{port}}"
"""The command line of the bundled reference server; it announces what it reads from its standard input."""


class CommandTarget:
    """One server process.

    Attributes:
        address: where it listens while it runs.
        started_by_us: whether nobody else can be on it.
    """

    started_by_us = True

    def __init__(self, command: str, announce: str | None = None, address: Address | None = None) -> None:
        """Start nothing yet.

        Args:
            command: the command line; ``{port}`` and ``{host}`` stand for the address to listen on.
            announce: None, ``stdin`` (a line of its standard input is announced), or a command line with ``{text}``.
            address: a free port of this machine if left out.
        """
        self.address = address or (_HOST, free_port(_HOST))
        self._command = command
        self._announce = announce
        self._process: ProcessTree | None = None
        self._expected_to_run = False

    @property
    def can_announce(self) -> bool:
        """Whether it is known how."""
        return self._announce is not None

    def announce(self, text: str) -> None:
        """Write a line to its standard input, or run the command that announces."""
        if self._announce != "stdin":
            run_announce_command(self._announce or "", text)
        elif self._process is not None:
            self._process.write(text.encode("utf-8") + b"\n", _ANNOUNCE_SECONDS)

    def another(self) -> "CommandTarget":
        """Return a server of the same kind, not yet started, on another port."""
        return CommandTarget(self._command, self._announce)

    def again(self) -> "CommandTarget":
        """Return a server of the same kind, not yet started, at the same address."""
        return CommandTarget(self._command, self._announce, self.address)

    def start(self) -> None:
        """Start it and return when it accepts connections.

        Raises:
            TargetGone: if the command cannot be run, ends, or does not listen within 30 seconds.
        """
        host, port = self.address
        words = fill_words(split_words(self._command), port=port, host=host)
        try:
            self._process = ProcessTree(words)
        except OSError as error:
            raise TargetGone(f"the command cannot be run: {error.strerror}: {words[0]}") from None
        self._await_listening(self._process)
        self._expected_to_run = True

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process."""
        self._expected_to_run = False
        if self._process is not None:
            self._process.ask_to_stop()

    def wait_for_exit(self, seconds: float) -> int | None:
        """Return its exit status, or None if it still runs after that."""
        return None if self._process is None else self._process.wait(seconds)

    def end(self) -> None:
        """Ask it to stop, then kill what is left of it."""
        self.ask_to_stop()
        if self._process is not None:
            self._process.end(_KILL_SECONDS)

    def exit_reason(self, seconds: float = 0) -> str | None:
        """Return how the process died, or dies within this time, and its last words; None if it was to end."""
        process = self._process
        if process is None or not self._expected_to_run or (status := process.wait(seconds)) is None:
            return None
        return f"the server's process ended with {described_status(status)}{process.last_words()}"

    def _await_listening(self, process: ProcessTree) -> None:
        give_up = time.monotonic() + _START_SECONDS
        while not accepts(self.address, 1.0):
            status = process.wait(_POLL_SECONDS)
            if status is not None:
                ended = f"the command ended with {described_status(status)} before it listened"
                raise TargetGone(ended + process.last_words())
            if time.monotonic() > give_up:
                self.end()
                raise TargetGone(f"the command does not listen on {self.address[0]}:{self.address[1]} after 30 seconds")


def run_announce_command(command: str, text: str) -> None:
    """Run a command in which ``{text}`` stands for what is to be announced.

    Raises:
        NotTested: if it cannot be run, fails, or takes too long.
    """
    try:
        status = run(fill_words(split_words(command), text=text), _ANNOUNCE_SECONDS)
    except OSError as error:
        raise NotTested(f"the command that announces did not work: {error}") from None
    if status:
        raise NotTested(f"the command that announces failed with exit status {status}")
