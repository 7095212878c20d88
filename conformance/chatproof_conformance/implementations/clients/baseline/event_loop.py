"""Runs a client: one thread that waits for requests on standard input and for the server."""

import contextlib
import os
import selectors
import socket
import sys
import threading
import time

from baseline.client import Client, Message
from baseline.requests import take_request, write_event

READ_BYTES = 65_536
FAREWELL_SECONDS = 0.2


def _requests() -> "int | socket.socket":
    """Return standard input as what can be waited for beside sockets: on Windows a thread passes it on to a socket."""
    if os.name != "nt":
        return sys.stdin.fileno()
    ours, theirs = socket.socketpair()
    threading.Thread(target=_pass_on, args=(theirs,), daemon=True).start()
    return ours


def _pass_on(to: socket.socket) -> None:
    with to:
        while data := os.read(0, READ_BYTES):
            to.sendall(data)


class EventLoop:
    """One client's input and output."""

    def __init__(self, make_client: type[Client]) -> None:
        self._selector = selectors.DefaultSelector()
        self._socket: socket.socket | None = None
        self._typed = b""
        self._client = make_client(self)

    def run(self) -> int:
        """Serve until standard input ends, or the client is over; return the exit status."""
        requests = _requests()
        self._selector.register(requests, selectors.EVENT_READ)
        while not self._client.over:
            for key, _ in self._selector.select():
                if key.fileobj == requests:
                    if not self._read_requests(requests):
                        return 0
                elif key.fileobj is self._socket:
                    self._read_server()
        return 0

    def connect(self, host: str, port: int) -> None:
        opened = socket.create_connection((host, port), timeout=10)
        opened.settimeout(None)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = opened
        self._selector.register(opened, selectors.EVENT_READ)

    def send(self, data: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # the end is read soon
                self._socket.sendall(data)

    def close(self) -> None:
        """End the connection in order: what has arrived is read away, or the end would be a reset."""
        ended = self._forget()
        if ended is None:
            return
        deadline = time.monotonic() + FAREWELL_SECONDS
        with contextlib.suppress(OSError):
            ended.shutdown(socket.SHUT_WR)
            while (left := deadline - time.monotonic()) > 0:
                ended.settimeout(left)
                if not ended.recv(READ_BYTES):
                    break
        ended.close()

    def report(self, event: Message) -> None:
        write_event(event)

    def _read_requests(self, requests: "int | socket.socket") -> bool:
        data = os.read(requests, READ_BYTES) if isinstance(requests, int) else requests.recv(READ_BYTES)
        if not data:
            self._client.leave()
            return False
        *lines, self._typed = (self._typed + data).split(b"\n")
        for line in lines:
            take_request(self._client, line)
        return True

    def _read_server(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES) if self._socket else b""
        except OSError:
            self._lose(reset=True)
            return
        if data:
            self._client.receive(data)
        else:
            self._lose(reset=False)

    def _lose(self, *, reset: bool) -> None:
        ended = self._forget()
        if ended is not None:
            ended.close()
        self._client.lose(reset=reset)

    def _forget(self) -> socket.socket | None:
        ended, self._socket = self._socket, None
        if ended is not None:
            self._selector.unregister(ended)
        return ended
