"""Accepts clients and gives each a connection to the server."""

import errno
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from chatproof_common.system.event_loop import READ
from chatproof_conformance.apps.tap.proxy.connector import Connector, Route
from chatproof_conformance.apps.tap.proxy.endpoint import Endpoint
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxiedConnection, ProxyContext
from chatproof_schemas.transcript import Kind

_PAUSE_SECONDS = 0.1
_FORGOTTEN_AT_ONCE = 100


class Proxy:
    """All tapped connections.

    Attributes:
        count: how many clients have connected.
    """

    def __init__(
        self,
        listening: socket.socket,
        routes: Sequence[Route],
        context: ProxyContext,
        refuse: Callable[[str], None],
        name: Callable[[int], str] = "c{}".format,
    ) -> None:
        """Begin to accept.

        Args:
            listening: the socket that clients connect to.
            routes: the addresses of the server.
            context: what is the same for every connection.
            refuse: called with the reason why a client could not be served.
            name: returns how the record names a connection, by its number among those of this proxy (from 1).
        """
        self.count = 0
        self._listening = listening
        self._routes = routes
        self._context = context
        self._loop = context.loop
        self._refuse = refuse
        self._name = name
        self._are_waiting = False
        self._connectors: dict[str, Connector] = {}
        self._connections: dict[str, ProxiedConnection] = {}
        self._loop.watch(listening, READ, self._accept)

    @property
    def open(self) -> list[ProxiedConnection]:
        """The connections that have not ended."""
        self._forget_ended()
        return list(self._connections.values())

    @property
    def is_idle(self) -> bool:
        """Whether no client is there."""
        self._forget_ended()
        return not (self._connectors or self._connections)

    def close(self) -> None:
        """Accept nobody any more, and let go of everybody."""
        self._loop.unwatch(self._listening)
        self._listening.close()
        for connector in self._connectors.values():
            connector.drop()
        for connection in self._connections.values():
            connection.drop()

    def _forget_ended(self) -> None:
        self._connectors = {label: connector for label, connector in self._connectors.items() if not connector.is_over}
        self._connections = {
            label: connection for label, connection in self._connections.items() if not connection.is_over
        }

    def _accept(self, _: int) -> None:
        while True:
            try:
                accepted, address = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._wait_for_files(error)
                return
            self._are_waiting = False
            self._welcome(accepted, address)

    def _welcome(self, accepted: socket.socket, address: tuple[Any, ...]) -> None:
        self.count += 1
        if not self.count % _FORGOTTEN_AT_ONCE:
            self._forget_ended()
        label = self._name(self.count)
        client = Endpoint(accepted, address)

        def reached(server: Endpoint) -> None:
            self._connections[label] = ProxiedConnection(label, client, server, self._context)

        def failed(reason: str) -> None:
            text = f"no connection to the server: {reason}; the client's connection was reset"
            self._context.recorder.append(label, Kind.NOTE, text.encode())
            client.reset()
            self._refuse(f"{label}: {text}")

        self._connectors[label] = Connector(client, self._routes, self._loop, reached, failed)

    def _wait_for_files(self, error: OSError) -> None:
        """Leave clients waiting until there may be files again: trying on at once would take all the time there is."""
        if not self._are_waiting:  # once, however long it lasts
            self._are_waiting = True
            self._refuse(f"clients must wait: {error.strerror}")
        self._loop.unwatch(self._listening)
        self._loop.call_at(time.monotonic() + _PAUSE_SECONDS, self._accept_again)

    def _accept_again(self) -> None:
        if self._listening.fileno() >= 0:
            self._loop.watch(self._listening, READ, self._accept)
