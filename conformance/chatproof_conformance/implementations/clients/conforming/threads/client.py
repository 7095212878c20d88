"""A client with a thread that reads the server; the main thread reads the requests. Blocking sockets, one lock."""

import contextlib
import socket
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from baseline.client import Client
from baseline.requests import take_request, write_event

READ_BYTES = 4096
FAREWELL_SECONDS = 2.0


class Threads:
    """The sockets and threads of one client; whatever changes the client holds the lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._socket: socket.socket | None = None
        self._reader: threading.Thread | None = None
        self._client = Client(self)

    def run(self) -> int:
        for line in sys.stdin.buffer:
            with self._lock:
                take_request(self._client, line)
        with self._lock:
            self._client.leave()
        if self._reader:
            self._reader.join(FAREWELL_SECONDS)
        return 0

    def connect(self, host: str, port: int) -> None:
        opened = socket.create_connection((host, port), timeout=10)
        opened.settimeout(None)
        self._socket = opened
        self._reader = threading.Thread(target=self._read, args=(opened,), daemon=True)
        self._reader.start()

    def send(self, data: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # the reader will see the end
                self._socket.sendall(data)

    def close(self) -> None:
        """End the sending half; the reader takes what is left until the server ends the other."""
        ended, self._socket = self._socket, None
        if ended is not None:
            with contextlib.suppress(OSError):
                ended.settimeout(FAREWELL_SECONDS)
                ended.shutdown(socket.SHUT_WR)

    def report(self, event: dict[str, object]) -> None:
        write_event(event)

    def _read(self, peer: socket.socket) -> None:
        reset = False
        try:
            while data := peer.recv(READ_BYTES):
                with self._lock:
                    if peer is self._socket:
                        self._client.receive(data)
        except OSError:
            reset = True
        with self._lock:
            if peer is self._socket:
                self._socket = None
                self._client.lose(reset=reset)
        peer.close()


if __name__ == "__main__":
    sys.exit(Threads().run())
