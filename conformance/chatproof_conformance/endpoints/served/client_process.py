"""The process of the client under test: its driver, where it connects to, and how quick it is."""

from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.driver import END_SECONDS, Driver
from chatproof_conformance.endpoints.served.connections import Listener

_STUCK_SECONDS = 0.2
"""How long a process that hangs already may take to end."""


class ClientProcess:
    """What all the sessions of a run with a client share.

    Attributes:
        timeout: what is known of its speed.
        listener: where it connects to.
        stuck: whether it must be restarted: something that it had to do has not come.
        running: the driver as it is, ended or not.
    """

    def __init__(self, command: str) -> None:
        """Listen, and start the client.

        Raises:
            TargetGone: if the command cannot be run.
        """
        self.timeout = AdaptiveTimeout()
        self.stuck = False
        self.running = Driver(command)
        self.listener = Listener()
        self._command = command

    @property
    def driver(self) -> Driver:
        """The running driver; a new one if it has ended as it may, or is stuck."""
        if self.stuck or not self.running.open:
            self.restart()
        return self.running

    def restart(self) -> None:
        """End the process and start a new one.

        Raises:
            TargetGone: if the command cannot be run any more.
        """
        self.running.end(_STUCK_SECONDS if self.stuck else END_SECONDS)
        self.running = Driver(self._command)
        self.stuck = False

    def close(self) -> None:
        """End the process, and listen no more."""
        self.running.end()
        self.listener.close()
