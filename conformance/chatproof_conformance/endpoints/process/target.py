"""The server under test, as the cases know it."""

import socket
from typing import NoReturn

from chatproof_common.addresses import shown_address
from chatproof_common.system.errors import is_of_peer
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.endpoints.process.cluster import Cluster
from chatproof_conformance.endpoints.process.helper_command import run_helper
from chatproof_conformance.endpoints.process.server_process import ServerProcess

_CONNECT_SECONDS = 10.0
DYING_SECONDS = 0.1
"""The connections of a process that dies end a moment before it has ended."""


class RunningTarget:
    """A server that runs already, perhaps with other people on it.

    Attributes:
        addresses: where it accepts connections.
        started_by_us: whether nobody else can be on it.
    """

    started_by_us = False

    def __init__(self, *addresses: Address, announce_command: str | None = None, was_reached: bool = False) -> None:
        """Know where it is, the command (with ``{text}``) that announces, and whether it has accepted a connection."""
        self._hint = "; it accepted a client a moment ago, which sent nothing: has it ended?" if was_reached else ""
        self.addresses = addresses
        self._announce_command = announce_command

    @property
    def address(self) -> Address:
        """The first of its addresses."""
        return self.addresses[0]

    def start(self) -> Address:
        """Make sure that it accepts a connection at each address; return the first.

        Raises:
            TargetGone: if it doesn't.
        """
        for address in self.addresses:
            self._connect(address)
        return self.address

    def _connect(self, address: Address) -> None:
        try:
            socket.create_connection(address, _CONNECT_SECONDS).close()
        except OSError as error:
            if not is_of_peer(error):
                raise
            reason = f"{error.strerror or error}{self._hint}"
            raise TargetGone(f"no connection to {shown_address(address)}: {reason}") from None

    def stop(self) -> None:
        """Leave it: this server is not ours to stop."""

    @property
    def can_announce(self) -> bool:
        """Whether a command to announce was given."""
        return self._announce_command is not None

    def announce(self, *texts: str) -> None:
        """Run the command that announces for each text."""
        for text in texts:
            run_helper("announces", self._announce_command or "", text=text)

    def another(self) -> NoReturn:
        """Refuse: this server is not ours to start."""
        raise NotTested("the harness did not start this server; give --command to have it started and stopped")

    def exit_reason(self, seconds: float = 0) -> None:
        """Return None: all that can be known of it is whether it accepts connections."""

    def how_ended(self, seconds: float = 0) -> None:
        """Return None, for the same reason."""

    def last_words(self, around: float | None = None) -> str:  # noqa: ARG002  as of the other
        """Return nothing: what this server prints is not ours to read."""
        return ""


OwnServer = ServerProcess | Cluster
"""What the harness has started, and so may stop."""
Target = RunningTarget | OwnServer
