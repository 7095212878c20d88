"""Accepts clients and gives each a connection to the server."""

import errno
import socket
import time
from collections.abc import Callable, Sequence

from chatproof_common.system.event_loop import READ
from chatproof_conformance.apps.tap.proxy.connector import Connector, Route
from chatproof_conformance.apps.tap.proxy.endpoint import Endpoint
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxiedConnection, ProxyContext
from chatproof_schemas.transcript import Kind

_PAUSE_SECONDS = 0.1
_FORGOTTEN_AT_ONCE = 100


def shown_address(address: Sequence[object]) -> str:
    """Return HOST:PORT."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


class Proxy:
    """All tapped connections.

    Attributes:
        count: how many clients have connected.
    """

    def __init__(
        self, listening: socket.socket, routes: Sequence[Route], setting: ProxyContext, refuse: Callable[[str], None]
    ) -> None:
        """Begin to accept.

        Args:
            listening: the socket that clients connect to.
            routes: the addresses of the server.
            setting: what is the same for every connection.
            refuse: called with the reason why a client could not be served.
        """
        self.count = 0
        self._listening = listening
        self._routes = routes
        self._setting = setting
        self._loop = setting.loop
        self._refuse = refuse
        self._dials: dict[str, Connector] = {}
        self._links: dict[str, ProxiedConnection] = {}
        self._loop.watch(listening, READ, self._accept)

    @property
    def open(self) -> list[ProxiedConnection]:
        """The connections that have not ended."""
        self._forget_ended()
        return list(self._links.values())

    @property
    def is_idle(self) -> bool:
        """Whether no client is there."""
        self._forget_ended()
        return not (self._dials or self._links)

    def close(self) -> None:
        """Accept nobody any more, and let go of everybody."""
        self._loop.unwatch(self._listening)
        self._listening.close()
        for connector in self._dials.values():
            connector.drop()
        for link in self._links.values():
            link.drop()

    def _forget_ended(self) -> None:
        self._dials = {label: connector for label, connector in self._dials.items() if not connector.is_over}
        self._links = {label: link for label, link in self._links.items() if not link.is_over}

    def _accept(self, _: int) -> None:
        while True:
            try:
                accepted, _address = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._wait_for_files(error)
                return
            self._welcome(accepted)

    def _welcome(self, accepted: socket.socket) -> None:
        self.count += 1
        if not self.count % _FORGOTTEN_AT_ONCE:
            self._forget_ended()
        label = f"c{self.count}"
        client = Endpoint(accepted)

        def reached(server: Endpoint) -> None:
            self._links[label] = ProxiedConnection(label, client, server, self._setting)

        def failed(reason: str) -> None:
            text = f"no connection to the server: {reason}; the client's connection was reset"
            self._setting.recorder.append(label, Kind.NOTE, text.encode())
            client.reset()
            self._refuse(f"{label}: {text}")

        self._dials[label] = Connector(client, self._routes, self._loop, reached, failed)

    def _wait_for_files(self, error: OSError) -> None:
        """Leave clients waiting until there may be files again: trying on at once would take all the time there is."""
        self._refuse(f"a client must wait: {error.strerror}")
        self._loop.unwatch(self._listening)
        self._loop.call_at(time.monotonic() + _PAUSE_SECONDS, self._accept_again)

    def _accept_again(self) -> None:
        if self._listening.fileno() >= 0:
            self._loop.watch(self._listening, READ, self._accept)
