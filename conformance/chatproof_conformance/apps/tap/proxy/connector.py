"""Connects to the server for a client that has connected."""

import errno
import socket
from collections.abc import Callable, Sequence
from typing import Any

from chatproof_common.system.errors import described_error
from chatproof_common.system.event_loop import WRITE, Loop
from chatproof_common.system.sockets import begin_to_connect, resolve
from chatproof_conformance.apps.tap.proxy.endpoint import Endpoint

Route = tuple[int, Any]
"""An address family, and an address of it."""


def find_routes(host: str, port: int) -> list[Route]:
    """Return the addresses of a server, in the order in which they are to be tried.

    Raises:
        OSError: if the name is unknown.
    """
    return resolve(host, port)


class Connector:
    """One try to reach the server, at one address after the other.

    Attributes:
        is_over: whether it has ended, connected or not.
    """

    def __init__(
        self,
        client: Endpoint,
        routes: Sequence[Route],
        loop: Loop,
        reached: Callable[[Endpoint], None],
        failed: Callable[[str], None],
    ) -> None:
        """Begin; nothing is read from the client meanwhile.

        Args:
            client: who waits; one that resets its connection is waited for no longer.
            routes: the addresses of the server.
            loop: calls back.
            reached: called with the server's side, once connected.
            failed: called with the reason in words.
        """
        self.is_over = False
        self._client = client
        self._routes = list(routes)
        self._loop = loop
        self._reached = reached
        self._failed = failed
        self._socket: socket.socket | None = None
        self._address: Any = None
        loop.watch(client.socket, 0, self._client_has_gone)
        self._try_next("no address")

    def drop(self) -> None:
        """Give up, and let go of the client."""
        if not self.is_over:
            self._give_up()
            self._client.close()

    def _try_next(self, reason: str) -> None:
        while self._routes:
            family, self._address = self._routes.pop(0)
            try:
                self._socket = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:  # no descriptor is left, or the system has no such family
                reason = described_error(error.errno)
                continue
            self._socket.setblocking(False)  # noqa: FBT003  the standard library's signature
            code = begin_to_connect(self._socket, self._address)
            if not code:
                self._loop.watch(self._socket, WRITE, self._answered)
                return
            self._socket.close()
            self._socket = None
            reason = described_error(code)
        self._give_up()
        self._failed(reason)

    def _answered(self, _: int) -> None:
        if self._socket is None:
            return
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._loop.unwatch(self._socket)
        # A reset, other than a refusal, comes after the server has taken the connection, and perhaps sent something.
        was_reset = code == errno.ECONNRESET
        if code and not was_reset:
            self._socket.close()
            self._try_next(described_error(code))
        else:
            self.is_over = True
            self._loop.unwatch(self._client.socket)
            self._reached(Endpoint(self._socket, self._address, was_reset=was_reset))

    def _client_has_gone(self, _: int) -> None:
        self.drop()

    def _give_up(self) -> None:
        self.is_over = True
        self._loop.unwatch(self._client.socket)
        if self._socket is not None:
            self._loop.unwatch(self._socket)
            self._socket.close()
