"""The server under test, as the cases know it."""

import socket
from typing import Protocol

from chatproof_common.system.processes import run
from chatproof_common.system.words import fill_words, split_words
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import NotTested, TargetGone

_CONNECT_SECONDS = 10.0
ANNOUNCE_SECONDS = 10.0
DYING_SECONDS = 0.1
"""The connections of a process that dies end a moment before it has ended."""


class Target(Protocol):
    """A server that accepts connections at an address.

    Attributes:
        address: where.
        started_by_us: whether the harness has started it, so that nobody else is on it.
    """

    address: Address
    started_by_us: bool

    @property
    def can_announce(self) -> bool:
        """Whether its operator can be spoken for."""

    def announce(self, text: str) -> None:
        """Let its operator announce a text."""

    def another(self) -> "Startable":
        """Return a second server of the same kind, not yet started, on a port of its own.

        Raises:
            NotTested: where the harness cannot start one.
        """

    def exit_reason(self, seconds: float = 0) -> str | None:
        """Return how the server died, where that is known to have happened, or happens within so many seconds."""


class Startable(Target, Protocol):
    """A server that the harness starts and stops."""

    def start(self) -> None:
        """Start it and return when it accepts connections."""

    def again(self) -> "Startable":
        """Return a server of the same kind at the same address, not yet started."""

    def ask_to_stop(self) -> None:
        """Ask it to stop, and return at once."""

    def wait_for_exit(self, seconds: float) -> int | None:
        """Return its exit status, or None where it still runs after so many seconds."""

    def end(self) -> None:
        """Make sure that it no longer runs."""


class RunningTarget:
    """A server that runs already, perhaps with other people on it.

    Attributes:
        address: where it accepts connections.
    """

    started_by_us = False

    def __init__(self, address: Address, announce_command: str | None = None) -> None:
        """Know its address, and the command (with ``{text}``) that announces."""
        self.address = address
        self._announce_command = announce_command

    def reach(self) -> None:
        """Make sure that it accepts a connection.

        Raises:
            TargetGone: where it doesn't.
        """
        try:
            socket.create_connection(self.address, _CONNECT_SECONDS).close()
        except OSError as error:
            reason = error.strerror or error
            raise TargetGone(f"no connection to {self.address[0]}:{self.address[1]}: {reason}") from None

    @property
    def can_announce(self) -> bool:
        """Whether a command to announce was given."""
        return self._announce_command is not None

    def announce(self, text: str) -> None:
        """Run the command that announces."""
        run_announce_command(self._announce_command or "", text)

    def another(self) -> Startable:
        """Refuse: this server is not ours to start."""
        raise NotTested("the harness did not start this server; give --command to have it started and stopped")

    def exit_reason(self, seconds: float = 0) -> str | None:  # noqa: ARG002  there is nothing to wait for
        """Return None: all that can be known of it is whether it accepts connections."""
        return None


def run_announce_command(command: str, text: str) -> None:
    """Run a command in which ``{text}`` stands for what is to be announced.

    Raises:
        NotTested: where it cannot be run, fails, or takes too long.
    """
    try:
        status = run(fill_words(split_words(command), text=text), ANNOUNCE_SECONDS)
    except OSError as error:
        raise NotTested(f"the command that announces did not work: {error}") from None
    if status:
        raise NotTested(f"the command that announces failed with exit status {status}")
