"""A TCP connection that one thread serves, and that any thread may write to or close without waiting."""

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable

from chatproof_common.system.errors import described_error
from chatproof_common.system.multiplexer import READ, WRITE, Waiter
from chatproof_common.system.sockets import keep_alive, resolve

_READ_BYTES = 65_536
_FAREWELL_SECONDS = 0.9
_UNSENT_SECONDS = 10.0
"""For so long a server may take to read what is sent last."""
VANISHED_SECONDS = 60.0
"""How long the server's machine may answer nothing, while all is silent, before the connection counts as lost."""


class LinkFailed(OSError):  # noqa: N818  the name says what happened
    """No connection came about; the text gives the user the reason, and what to try."""


class Link:
    """One connection: :meth:`open`, :meth:`read` and :meth:`finish` belong to its thread, the rest to anyone."""

    def __init__(self, host: str, port: int, timeout: float, has_room: Callable[[], bool] = lambda: True) -> None:
        """Prepare a connection to ``host:port``; ``timeout`` seconds are what opening may take.

        While ``has_room`` returns False, nothing is read; whoever makes room calls :meth:`wake`.
        """
        self._has_room = has_room
        self._host, self._port, self._timeout = host, port, timeout
        self._outgoing: deque[bytes] = deque()
        self._queued_bytes = self._sent_bytes = 0
        self._closed = False
        self._socket: socket.socket | None = None
        self._waiter = Waiter[None]()

    def send(self, data: bytes) -> None:
        """Queue bytes; they leave in order, as fast as the peer takes them. One thread at a time may call it."""
        self._queued_bytes += len(data)
        self._outgoing.append(data)
        self.wake()

    @property
    def unsent(self) -> int:
        """How many bytes wait for the peer to take them."""
        return self._queued_bytes - self._sent_bytes

    def close(self) -> None:
        """Ask for an orderly end: what is queued still leaves. A connection in the making is given up."""
        self._closed = True
        self.wake()

    def wake(self) -> None:
        """Let the thread that waits look again."""
        self._waiter.wake()

    def open(self) -> None:
        """Connect, trying each address that the host's name stands for.

        Raises:
            LinkFailed: with words for the user; also if :meth:`close` was called meanwhile.
        """
        deadline = time.monotonic() + self._timeout
        failure = self._no_answer()
        for family, address in self._addresses():
            try:
                self._socket = self._dial(family, address, deadline)
            except LinkFailed:  # noqa: PERF203  each address may fail for its own reason
                raise
            except OSError as error:
                failure = self._explain(error)
            else:
                return
        raise failure

    def read(self) -> bytes:
        """Wait for bytes, and return them; meanwhile send what is queued. Empty at the end, whoever ended.

        Raises:
            OSError: if the connection broke.
        """
        while not self._closed:
            ready = self._wait(self._events(reading=self._has_room()), None)
            if ready & WRITE:
                self._flush()
            if ready & READ:
                with contextlib.suppress(BlockingIOError):
                    return self._peer.recv(_READ_BYTES)
        return b""

    def finish(self) -> None:
        """End the connection in order, in bounded time, and free what it held."""
        with contextlib.suppress(OSError):
            self._say_farewell()
        self._waiter.close()
        if self._socket is not None:
            self._socket.close()

    @property
    def _peer(self) -> socket.socket:
        if self._socket is None:
            raise LinkFailed("not connected")
        return self._socket

    def _addresses(self) -> list[tuple[int, tuple[object, ...]]]:
        try:
            return resolve(self._host, self._port)
        except (socket.gaierror, ValueError):  # ValueError: what no host name can hold
            raise LinkFailed(f"No host is known as “{self._host}”. Check the spelling and the network.") from None
        except OSError as error:  # no descriptor is left to ask with
            raise self._explain(error) from None

    def _dial(self, family: int, address: tuple[object, ...], deadline: float) -> socket.socket:
        if self._closed:
            raise LinkFailed("Cancelled.")
        dialling = socket.socket(family, socket.SOCK_STREAM)
        try:
            dialling.settimeout(0)
            dialling.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            keep_alive(dialling, VANISHED_SECONDS)
            with contextlib.suppress(BlockingIOError):
                dialling.connect(address)
            self._await_connection(dialling, deadline)
        except BaseException:
            self._waiter.unwatch(dialling)
            dialling.close()
            raise
        return dialling

    def _await_connection(self, dialling: socket.socket, deadline: float) -> None:
        while not self._wait(WRITE, deadline - time.monotonic(), dialling):
            if self._closed:
                raise LinkFailed("Cancelled.")
            if time.monotonic() >= deadline:
                raise self._no_answer()
        error = dialling.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, "")

    def _no_answer(self) -> LinkFailed:
        return LinkFailed(f"{self._host}:{self._port} did not answer within {self._timeout:g} seconds. Check both.")

    def _explain(self, error: OSError) -> LinkFailed:
        where = f"{self._host}:{self._port}"
        if isinstance(OSError(error.errno, ""), ConnectionRefusedError):
            return LinkFailed(f"Connection refused: no server listens at {where}. Start it, or check host and port.")
        return LinkFailed(f"No connection to {where}: {described_error(error.errno)}.")

    def _events(self, *, reading: bool = True) -> int:
        return (READ if reading else 0) | (WRITE if self._outgoing else 0)

    def _wait(self, events: int, timeout: float | None, peer: socket.socket | None = None) -> int:
        """Return which of ``events`` the peer's socket is ready for; 0 if something else ended the wait."""
        self._waiter.watch(peer or self._peer, None, events)
        return next((ready for _, ready in self._waiter.wait(timeout)), 0)

    def _flush(self) -> None:
        while self._outgoing:
            data = self._outgoing.popleft()
            try:
                count = self._peer.send(data)
            except BlockingIOError:
                count = 0
            self._sent_bytes += count
            if count < len(data):
                self._outgoing.appendleft(data[count:])
                return

    def _say_farewell(self) -> None:
        # Unread input would turn the end into a reset, which may take back what was just sent: so read it away.
        deadline = time.monotonic() + _UNSENT_SECONDS
        while self._outgoing and time.monotonic() < deadline:
            if self._wait(self._events(), deadline - time.monotonic()) & READ and not self._skim():
                return
            self._flush()
        self._peer.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + _FAREWELL_SECONDS
        while time.monotonic() < deadline:
            ready = self._wait(READ, deadline - time.monotonic())
            if ready and not self._skim():
                return

    def _skim(self) -> bool:
        try:
            return bool(self._peer.recv(_READ_BYTES))
        except BlockingIOError:
            return True
