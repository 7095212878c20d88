"""Where servers under test come from, as a command line names them."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatproof_common.addresses import shown_address
from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.endpoints.process.acquaintance import require_one_chat
from chatproof_conformance.endpoints.process.cluster import Cluster
from chatproof_conformance.endpoints.process.distinct import require_distinct
from chatproof_conformance.endpoints.process.reaching import reach
from chatproof_conformance.endpoints.process.server_log import ServerLog
from chatproof_conformance.endpoints.process.server_process import BUNDLED, ServerProcess
from chatproof_conformance.endpoints.process.target import RunningTarget, Target


@dataclass(frozen=True, slots=True)
class ServerSource:
    """Where they come from.

    Attributes:
        address: of a server that runs already, as the user has written it; None: one is started.
        command: the command line that starts it; None: the bundled server.
        announce: how to speak for its operator.
        log: the file in which all is kept that it prints, if it is started; None: it is not.
        wait: for so many seconds it may start; None: for the default time.
        stop: how a server that is started is asked to stop; None: by a signal.
        reached: the numeric addresses of a server that runs already; empty: it was not looked for.
        more: its other addresses, if it has several.
        nodes: how many processes are started as one server; None: one, which knows of no others.
        engine: the command line that starts what orders the chat of the nodes; None: it is not ours.
    """

    address: Address | None = None
    command: str | None = None
    announce: str | None = None
    log: str | None = None
    wait: float | None = None
    reached: tuple[Address, ...] = ()
    stop: str | None = None
    more: tuple[Address, ...] = ()
    nodes: int | None = None
    engine: str | None = None

    def reach(self, wait: float | None) -> "ServerSource":
        """Return a source whose addresses, if it has any, were found to accept connections, and to be one chat.

        Args:
            wait: for so many seconds it may start; None: for the default time, and one that runs already must be there.

        Raises:
            CommandError: if two of its addresses are the same.
            TargetGone: if it does not.
        """
        if self.address is None:
            return self if wait is None else replace(self, wait=wait)
        require_distinct(self.addresses)
        reached = tuple(reach(address, wait) for address in self.addresses)
        require_one_chat(reached, wait)
        return replace(self, reached=reached)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses of a server that runs already, as the user has written them; empty: one is started."""
        return () if self.address is None else (self.address, *self.more)

    @property
    def has_several(self) -> bool:
        """Whether it is a server of several addresses."""
        return bool(self.more) or (self.nodes or 1) > 1

    def open_log(self) -> None:
        """Begin the log now, if there is one, not while a check is under way: a pipe is opened when it has a reader.

        Raises:
            CommandError: if it cannot be written.
        """
        if self.log is not None:
            _log_of(self.log)

    @property
    def described(self) -> str:
        """How a report names it."""
        several = f" (a server of {self.nodes} nodes{' and an engine' if self.engine else ''})" if self.nodes else ""
        return (self.command or " ".join(map(shown_address, self.addresses)) or "the bundled server") + several

    @property
    def words(self) -> str:
        """The words of a command line that name it, each with a space before it."""
        words = [quote_word(shown_address(address)) for address in self.addresses]
        nodes = str(self.nodes) if self.nodes else None
        given = {"--command": self.command, "--nodes": nodes, "--engine": self.engine}
        given |= {"--announce": self.announce, "--stop": self.stop}
        words += [word for name, value in given.items() if value for word in (name, quote_word(value))]
        return "".join(f" {word}" for word in words)

    @property
    def can_announce(self) -> bool:
        """Whether it is known how to speak for its operator."""
        return self.announce is not None or (self.address is None and self.command is None)

    def target(self, *, environment: Mapping[str, str] | None = None, relayed: bool = False) -> Target:
        """Return a server, not yet started.

        Args:
            environment: what it has beside ours, if it is started.
            relayed: whether the nodes of a server reach their engine, if that is ours, by relays of ours.

        Raises:
            CommandError: if the log cannot be written.
        """
        if self.address is not None:
            addresses = self.reached or self.addresses
            return RunningTarget(*addresses, announce_command=self.announce, was_reached=bool(self.reached))
        command, announce = (self.command, self.announce) if self.command else (BUNDLED, "stdin")
        log = None if self.log is None else _log_of(self.log)
        common: dict[str, Any] = {"environment": environment, "log": log, "wait": self.wait, "stop": self.stop}
        if self.nodes is not None:
            return Cluster(command, announce, self.nodes, engine=self.engine, relayed=relayed, **common)
        return ServerProcess(command, announce, **common)


@functools.cache
def _log_of(name: str) -> ServerLog:
    """Return the one log of a run, however many servers it starts: each new one would empty the file."""
    return ServerLog(Path(name))
