"""The server under test, as the cases know it."""

import socket
from typing import NoReturn

from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.endpoints.process.command import CommandTarget, run_announce_command

_CONNECT_SECONDS = 10.0
DYING_SECONDS = 0.1
"""The connections of a process that dies end a moment before it has ended."""


class RunningTarget:
    """A server that runs already, perhaps with other people on it.

    Attributes:
        address: where it accepts connections.
        started_by_us: whether nobody else can be on it.
    """

    started_by_us = False

    def __init__(self, address: Address, announce_command: str | None = None) -> None:
        """Know its address, and the command (with ``{text}``) that announces."""
        self.address = address
        self._announce_command = announce_command

    def start(self) -> None:
        """Make sure that it accepts a connection.

        Raises:
            TargetGone: if it doesn't.
        """
        try:
            socket.create_connection(self.address, _CONNECT_SECONDS).close()
        except OSError as error:
            reason = error.strerror or error
            raise TargetGone(f"no connection to {self.address[0]}:{self.address[1]}: {reason}") from None

    def end(self) -> None:
        """Leave it: this server is not ours to stop."""

    @property
    def can_announce(self) -> bool:
        """Whether a command to announce was given."""
        return self._announce_command is not None

    def announce(self, text: str) -> None:
        """Run the command that announces."""
        run_announce_command(self._announce_command or "", text)

    def another(self) -> NoReturn:
        """Refuse: this server is not ours to start."""
        raise NotTested("the harness did not start this server; give --command to have it started and stopped")

    def exit_reason(self, seconds: float = 0) -> None:
        """Return None: all that can be known of it is whether it accepts connections."""


Target = RunningTarget | CommandTarget
