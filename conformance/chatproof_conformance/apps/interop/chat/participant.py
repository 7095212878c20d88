"""A client in a chat: its driver, the tap's socket that it connects to, and its visits, one after the other."""

import json
from typing import Any

from chatproof_common.system.event_loop import READ, Loop
from chatproof_common.system.sockets import listen
from chatproof_conformance.apps.interop.chat.visit import Visit, read_line
from chatproof_conformance.apps.interop.manifest import Party
from chatproof_conformance.apps.tap.proxy.connector import Route
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxyContext
from chatproof_conformance.apps.tap.proxy.proxy import Proxy
from chatproof_conformance.endpoints.process.driver import Driver
from chatproof_schemas.transcript import Event, Kind

_WRITE_SECONDS = 5.0
_OVER = ("disconnected", "refused")
"""Events after which a driver may end."""


class Participant:
    """One client with its driver.

    Attributes:
        party: which client it is.
        username: the name of its user.
        prefix: how the names of its connections begin.
        visits: its connections, the one that stands or stood last at the end.
        crash: how its process died, if it did; None if it did not.
        trouble: what the driver wrote that is no line of the driver protocol; None if there is nothing.
        unreachable: why the tap could not reach the server for it.
    """

    def __init__(self, party: Party, username: str, prefix: str, context: ProxyContext, routes: list[Route]) -> None:
        """Start its driver, and listen for it.

        Raises:
            TargetGone: if the command cannot be run.
        """
        self.party = party
        self.username = username
        self.prefix = prefix
        self.visits: list[Visit] = []
        self.crash: str | None = None
        self.trouble: str | None = None
        self.unreachable: list[str] = []
        self._context = context
        self._driver = Driver(party.command)
        self._watch()
        listening = listen(("127.0.0.1", 0))
        self._address: tuple[str, int] = listening.getsockname()[:2]
        self._proxy = Proxy(listening, routes, context, self.unreachable.append, self._name)

    @property
    def visit(self) -> Visit:
        """The connection that stands, or stood last."""
        return self.visits[-1]

    @property
    def driver_runs(self) -> bool:
        """Whether anything more can come from its driver."""
        return self._driver.open and self.trouble is None

    @property
    def is_starting(self) -> bool:
        """Whether its driver has reported nothing yet: a program may take a while to start."""
        return self._driver.fresh

    def ask(self, do: str, **members: Any) -> None:
        """Write a request to the driver."""
        line = json.dumps({"do": do, **members}).encode()
        self._context.recorder.append(self.prefix, Kind.REQUEST, line)
        self._driver.write(line, _WRITE_SECONDS)

    def ask_to_connect(self, username: str) -> None:
        """Ask for a new connection; a driver that has ended with the one before, as it may, is started again.

        Raises:
            TargetGone: if the command cannot be run any more.
        """
        if not self._driver.open:
            self._restart()
        self._driver.may_end = False
        self.visits.append(Visit(username))
        host, port = self._address
        self.ask("connect", host=host, port=port, username=username)

    def ended_before_it_read(self) -> bool:
        """Whether the driver ended as it may, with the connection before, and so never read the last request."""
        if self._driver.open or self.visit.label or self.visit.told or len(self.visits) == 1:
            return False
        self._driver.may_end = True
        return self._driver.exit_reason() is None

    def take(self, event: Event) -> None:
        """Take what was recorded of it."""
        if event.kind in (Kind.REQUEST, Kind.DRIVER_EVENT):
            if self.visits:
                self._visit_of_line(event).take_line(event)
            return
        visit = next((one for one in self.visits if one.label == event.connection), None)
        if visit is None and event.kind is Kind.OPEN and self.visits and not self.visit.label:
            visit = self.visit
            visit.label = event.connection
        if visit is not None:
            visit.take_wire(event)

    def look_for_crash(self) -> None:
        """Note how its process died, if it did."""
        if self.crash is None and not self._driver.open:
            self.crash = self._driver.exit_reason()

    def close(self) -> None:
        """Let go of its connections and end its driver."""
        self._proxy.close()
        self._loop.unwatch(self._driver)
        self._driver.end()

    @property
    def _loop(self) -> Loop:
        return self._context.loop

    def _name(self, number: int) -> str:
        return self.prefix if number == 1 else f"{self.prefix}.{number}"

    def _watch(self) -> None:
        self._loop.watch(self._driver, READ, self._read)

    def _restart(self) -> None:
        self._driver.end()
        self._driver = Driver(self.party.command)
        self._watch()

    def _read(self, _: int) -> None:
        for line in self._driver.read():
            told = read_line(line)
            self._driver.fresh = False
            if not told and self.trouble is None:
                self.trouble = line.decode("utf-8", "replace")
            self._driver.may_end = self._driver.may_end or told.get("event") in _OVER
            self._context.recorder.append(self.prefix, Kind.DRIVER_EVENT, line)
        if not self._driver.open:
            self._loop.unwatch(self._driver)
            self.look_for_crash()

    def _visit_of_line(self, event: Event) -> Visit:
        """Return the connection that a line is about: the end of one may be told when the next is asked for."""
        if len(self.visits) > 1 and event.kind is Kind.DRIVER_EVENT:
            before, now = self.visits[-2:]
            is_end = read_line(event.data).get("event") == "disconnected"
            if is_end and before.label and not (before.has_told("disconnected") or now.is_over):
                return before
        return self.visit
