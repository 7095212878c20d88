"""Several processes that are one server: the nodes of a cluster, each started by one command, at its own address."""

import itertools
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chatproof_common.addresses import shown_address
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.acquaintance import require_one_chat
from chatproof_conformance.endpoints.process.server_process import ServerProcess

_STOP_SECONDS = 5.0


class Cluster:
    """The nodes, which start and stop together; a test may end, pause and start each of them.

    Attributes:
        nodes: the process of each; the first one is node 1.
        started_by_us: whether nobody else can be on it.
    """

    started_by_us = True

    def __init__(
        self, command: str, announce: str | None, count: int, addresses: Sequence[Address] = (), **common: Any
    ) -> None:
        """Start nothing yet.

        Args:
            command: the command line of a node; ``{port}`` and ``{host}`` stand for where to listen, ``{node}`` for its
                number, from 1, and ``{shared}`` for a folder, empty at first, that the nodes of this cluster share.
            announce: as :class:`ServerProcess` has it; each announcement is made at another node.
            count: how many nodes there are.
            addresses: where they listen; free ports of this machine if left out.
            common: what else each :class:`ServerProcess` is given.
        """
        self._command, self._announce, self._common = command, announce, common
        self._folder = Path(tempfile.gettempdir()) / f"chatproof-{secrets.token_hex(6)}"
        places: Sequence[Address | None] = addresses or [None] * count
        self.nodes = [
            ServerProcess(command, announce, address=one, values={"node": number, "shared": self._folder}, **common)
            for number, one in enumerate(places, 1)
        ]
        self._failed: list[TargetGone] = []
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

    def another(self, *, environment: Mapping[str, str] | None = None) -> "Cluster":
        """Return a cluster of the same kind, not yet started, at other addresses."""
        environment = {**(self._common.get("environment") or {}), **(environment or {})}
        return self._like(environment=environment)

    def again(self) -> "Cluster":
        """Return the same cluster, not yet started, at the same addresses, with a new folder."""
        return self._like(self.addresses)

    def _like(self, addresses: Sequence[Address] = (), **other: Any) -> "Cluster":
        return Cluster(self._command, self._announce, len(self.nodes), addresses, **{**self._common, **other})

    def start(self) -> Address:
        """Start all nodes, and return when each lets somebody join; return the address of the first.

        Raises:
            TargetGone: if a node does not start, lets nobody join although another does, or does not know the others.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        try:
            self._failed.clear()
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
        self.nodes = self._like().nodes
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

    def stop(self, seconds: float = _STOP_SECONDS) -> int | None:
        """Ask all to stop, wait so long, kill what is left; return the worst exit status, None if one was killed."""
        status = self.wait_for_exit(seconds) if self.ask_to_stop() else None
        self.kill()
        return status

    def kill(self) -> None:
        """Kill all nodes, and remove what they share. Harmless when repeated."""
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def exit_reason(self, seconds: float = 0) -> str | None:
        """Return which node died, or dies within this time, how, and what it printed; None if each runs."""
        return self._of_a_node([node.exit_reason(seconds if node is self.nodes[0] else 0) for node in self.nodes])

    def how_ended(self, seconds: float = 0) -> str | None:
        """Return which node died, or dies within this time, and how; None if each runs, or was to end."""
        return self._of_a_node([node.how_ended(seconds if node is self.nodes[0] else 0) for node in self.nodes])

    @staticmethod
    def _of_a_node(reasons: Sequence[str | None]) -> str | None:
        return next((f"node {number}: {why}" for number, why in enumerate(reasons, 1) if why is not None), None)

    def last_words(self, around: float | None = None) -> str:
        """Return what the nodes printed around a time, each line with its node."""
        said = [(number, node.last_words(around)) for number, node in enumerate(self.nodes, 1)]
        return "\n".join(f"node {number}: {line}" for number, words in said for line in words.splitlines())
