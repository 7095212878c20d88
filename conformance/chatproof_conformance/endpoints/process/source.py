"""Where servers under test come from, as a command line names them."""

from dataclasses import dataclass

from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.endpoints.process.command import BUNDLED, CommandTarget
from chatproof_conformance.endpoints.process.target import RunningTarget, Target


@dataclass(frozen=True, slots=True)
class ServerSource:
    """Where they come from.

    Attributes:
        address: of a server that runs already; None: one is started.
        command: the command line that starts it; None: the bundled server.
        announce: how to speak for its operator.
    """

    address: Address | None = None
    command: str | None = None
    announce: str | None = None

    @property
    def described(self) -> str:
        """How a report names it."""
        return self.command or self._host_and_port() or "the bundled server"

    @property
    def words(self) -> str:
        """The words of a command line that name it, each with a space before it."""
        words = [self._host_and_port()] if self.address else []
        given = {"--command": self.command, "--announce": self.announce}
        words += [word for name, value in given.items() if value for word in (name, quote_word(value))]
        return "".join(f" {word}" for word in words)

    def target(self) -> Target:
        """Return a server, not yet started."""
        if self.address is not None:
            return RunningTarget(self.address, self.announce)
        return CommandTarget(self.command, self.announce) if self.command else CommandTarget(BUNDLED, "stdin")

    def _host_and_port(self) -> str:
        return "{}:{}".format(*self.address) if self.address else ""
