"""Several processes that are one server: the nodes of a cluster, each started by one command, at its own address.

What orders their chat, the engine, may be started with them; then their ways to it can be ours.
"""

import itertools
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chatproof_common.addresses import shown_address
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.acquaintance import require_one_chat
from chatproof_conformance.endpoints.process.relay import Relay
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.endpoints.process.shared_folder import SharedFolder

_STOP_SECONDS = 5.0


class Cluster:
    """The nodes, which start and stop together; a test may end, pause and start each of them.

    Attributes:
        nodes: the process of each; the first one is node 1.
        engine: the process of what orders their chat; None if it is not ours.
        relays: the way of each node to the engine; empty if they reach it without us.
        started_by_us: whether nobody else can be on it.
    """

    started_by_us = True

    def __init__(  # noqa: PLR0913  each names itself where it is given
        self,
        command: str,
        announce: str | None,
        count: int,
        addresses: Sequence[Address] = (),
        *,
        engine: str | None = None,
        relayed: bool = False,
        **common: Any,
    ) -> None:
        """Start nothing yet.

        Args:
            command: the command line of a node; ``{port}`` and ``{host}`` stand for where to listen, ``{node}`` for its
                number, from 1, ``{shared}`` for a folder, empty at first, that the nodes of this cluster share, and
                ``{engine}`` for where the engine is, HOST:PORT.
            announce: as :class:`ServerProcess` has it; each announcement is made at another node.
            count: how many nodes there are.
            addresses: where they listen; free ports of this machine if left out.
            engine: the command line of the engine, which is started first; ``{port}``, ``{host}`` and ``{shared}``
                stand there for the same.
            relayed: whether each node reaches the engine by a relay of ours.
            common: what else each :class:`ServerProcess` is given.
        """
        self._command, self._announce, self._count = command, announce, count
        self._engine_command, self._relayed, self._common = engine, relayed, common
        self._failed: list[TargetGone] = []
        self._prepare(addresses)

    def _prepare(self, addresses: Sequence[Address] = ()) -> None:
        """Choose a new folder, and what is not given of the addresses; start nothing yet."""
        self._folder = SharedFolder()
        shared: dict[str, object] = {"shared": self._folder.path}
        command, self.engine, self.relays = self._engine_command, None, list[Relay]()
        if command is not None:
            self.engine = ServerProcess(command, values=shared, **self._common)
            self.relays = [Relay(self.engine.address) for _ in range(self._count * self._relayed)]
        places: Sequence[Address | None] = addresses or [None] * self._count
        self._values = [{**shared, "node": number} for number in range(1, self._count + 1)]
        self.nodes = [
            ServerProcess(self._command, self._announce, address=one, values=values, **self._common)
            for one, values in zip(places, self._values, strict=True)
        ]
        self._announcing = itertools.cycle(self.nodes)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where each node listens."""
        return tuple(node.address for node in self.nodes)

    @property
    def address(self) -> Address:
        """Where the first node listens."""
        return self.nodes[0].address

    @property
    def can_announce(self) -> bool:
        """Whether it is known how."""
        return self.nodes[0].can_announce

    def announce(self, *texts: str) -> None:
        """Announce at one node, the next time at the next."""
        next(self._announcing).announce(*texts)

    def again(self) -> "Cluster":
        """Return the same cluster, not yet started, at the same addresses, with a new engine and folder: these end."""
        self._end_shared()
        return Cluster(
            self._command,
            self._announce,
            self._count,
            self.addresses,
            engine=self._engine_command,
            relayed=self._relayed,
            **self._common,
        )

    def start(self) -> Address:
        """Start all nodes, and return when each lets somebody join; return the address of the first.

        Raises:
            TargetGone: if the engine or a node does not start, or a node lets nobody join although another does, or
                does not know the others.
        """
        self._folder.make()
        try:
            self._failed.clear()
            self._start_engine()
            with ThreadPoolExecutor(len(self.nodes)) as starting:
                list(starting.map(self._start, self.nodes, itertools.count(1)))
            self._raise_first()
            require_one_chat(self.addresses, self._common.get("wait"))
        except BaseException:
            self.kill()
            raise
        return self.address

    def _raise_first(self) -> None:
        """Raise what has failed first: the others were killed for it."""
        if self._failed:
            raise self._failed[0]

    def _start_engine(self) -> None:
        if self.engine is None:
            return
        try:
            self.engine.start()
        except TargetGone as gone:
            raise TargetGone(f"the engine ({shown_address(self.engine.address)}): {gone}") from None
        for relay in self.relays:
            relay.start()
        ways = [relay.address for relay in self.relays] or [self.engine.address] * len(self.nodes)
        for values, way in zip(self._values, ways, strict=True):
            values["engine"] = shown_address(way)

    def _start(self, node: ServerProcess, number: int) -> None:
        try:
            node.start()
        except TargetGone as gone:
            self._failed.append(TargetGone(f"node {number} ({shown_address(node.address)}): {gone}"))
            for other in self.nodes:  # or their starts would be awaited
                other.kill()

    def restart(self) -> Address:
        """Kill what is left of it and start it again, at other addresses.

        Raises:
            TargetGone: as for :meth:`start`.
        """
        self.kill()
        self._prepare()
        return self.start()

    def ask_to_stop(self) -> bool:
        """Ask each node to stop; return whether there is a way.

        Raises:
            NotTested: if the user's command for that fails.
        """
        asked = [node.ask_to_stop() for node in self.nodes]  # each of them, even if the first cannot be
        return all(asked)

    def unheeded_stop(self, *, ended: bool) -> str | None:
        """Return why it says nothing about the nodes that they have not stopped in order; None if it does."""
        reasons = (node.unheeded_stop(ended=ended) for node in self.nodes)
        return next((reason for reason in reasons if reason is not None), None)

    @property
    def asked_to_stop(self) -> str:
        """Who was asked to stop until now, as a clause; empty if nobody was."""
        return "; ".join(node.asked_to_stop for node in self.nodes if node.asked_to_stop)

    @property
    def needed_more_signals(self) -> bool:
        """Whether the command of a node is a wrapper."""
        return any(node.needed_more_signals for node in self.nodes)

    def wait_for_exit(self, seconds: float) -> int | None:
        """Return the worst exit status of the nodes; None if one still runs after that."""
        give_up, worst = time.monotonic() + seconds, 0
        for node in self.nodes:
            status = node.wait_for_exit(max(0.0, give_up - time.monotonic()))
            if status is None:
                return None
            worst = worst or status
        return worst

    @property
    def left_listening(self) -> str | None:
        """Who still listens although the process of its node has ended; None if nobody."""
        return next((left for node in self.nodes if (left := node.left_listening) is not None), None)

    def stop(self, seconds: float = _STOP_SECONDS) -> int | None:
        """Ask all to stop, wait so long, kill what is left; return the worst exit status, None if one was killed."""
        status = self.wait_for_exit(seconds) if self.ask_to_stop() else None
        self.kill()
        return status

    def kill(self) -> None:
        """Kill all nodes and their engine, and remove what they share. Harmless when repeated."""
        for node in self.nodes:
            node.kill()
        self._end_shared()

    def _end_shared(self) -> None:
        for relay in self.relays:
            relay.close()
        if self.engine is not None:
            self.engine.kill()
        self._folder.remove()

    def exit_reason(self, seconds: float = 0) -> str | None:
        """Return which node died, or dies within this time, how, and what it printed; None if each runs."""
        return self._first([one.exit_reason(seconds if one is self.nodes[0] else 0) for one in self._processes])

    def how_ended(self, seconds: float = 0) -> str | None:
        """Return which node died, or dies within this time, and how; None if each runs, or was to end."""
        return self._first([one.how_ended(seconds if one is self.nodes[0] else 0) for one in self._processes])

    @property
    def _processes(self) -> list[ServerProcess]:
        """The engine, if there is one, whose end others may follow, and the nodes."""
        return [*([self.engine] if self.engine else []), *self.nodes]

    @property
    def _names(self) -> list[str]:
        """What the processes are called."""
        return ["the engine"] * (self.engine is not None) + [
            f"node {number}" for number in range(1, len(self.nodes) + 1)
        ]

    def _first(self, reasons: Sequence[str | None]) -> str | None:
        named = zip(self._names, reasons, strict=True)
        return next((f"{name}: {why}" for name, why in named if why is not None), None)

    def last_words(self, around: float | None = None) -> str:
        """Return what the nodes and their engine printed around a time, each line with who it was."""
        said = [(name, one.last_words(around)) for name, one in zip(self._names, self._processes, strict=True)]
        return "\n".join(f"{name}: {line}" for name, words in said for line in words.splitlines())
