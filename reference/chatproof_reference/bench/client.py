"""One connection of the load generator, and the close reading of what it receives."""

import re
import socket

from chatproof_reference.bench.dialects import Dialect

PATIENCE_SECONDS = 10.0
_MESSAGE = re.compile(rb"\^([0-9]+):([0-9]+);")
_LONGEST_MARK = 40


class Client:
    """One connection that receives, and may send."""

    def __init__(self, address: tuple[str, int], dialect: Dialect, username: str, number: int) -> None:
        self.username = username
        self.number = number
        self.received = b""
        self.is_in = self.is_lost = False
        self.position = 0
        """How much of the common stream it has got, while its own does not differ."""
        self.differs = False
        self.count = 0
        """Messages that it got, once its stream differs."""
        self.sent = self.under_way = 0
        self.times: list[float] = []
        self.socket = _connect(address)
        self.publisher = _connect(address) if dialect.publishes_apart else self.socket
        self._unsent = b""
        self.socket.sendall(dialect.enter(self.username))
        self.socket.settimeout(0)
        self.publisher.settimeout(0)

    def send(self, data: bytes = b"") -> None:
        """Send what the system takes, what it did not take before first; keep the rest."""
        self._unsent += data
        try:
            sent = self.publisher.send(self._unsent) if self._unsent else 0
        except OSError:  # it takes nothing now, or has gone: whoever reads from it sees that
            return
        self._unsent = self._unsent[sent:]

    def was_dropped(self) -> bool:
        """Whether the server has ended the connection, once all that came before is read."""
        try:
            while self.socket.recv(1 << 20):
                pass
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Close all that is open."""
        self.socket.close()
        self.publisher.close()


class CloseReader:
    """Reads one client's stream message by message: which sender, which number."""

    def __init__(self) -> None:
        self.doubled = self.reordered = 0
        self._next: dict[int, int] = {}
        self._skipped: set[tuple[int, int]] = set()
        self._rest = b""

    def read(self, data: bytes) -> list[tuple[int, int]]:
        """Return the sender and the number of each message that ends within ``data`` and is new."""
        data = self._rest + data
        end = 0
        new: list[tuple[int, int]] = []
        for found in _MESSAGE.finditer(data):
            end = found.end()
            sender, number = int(found[1]), int(found[2])
            if self._is_new(sender, number):
                new.append((sender, number))
        self._rest = data[max(end, len(data) - _LONGEST_MARK) :]
        return new

    def _is_new(self, sender: int, number: int) -> bool:
        expected = self._next.get(sender, 0)
        if number >= expected:
            self._skipped.update((sender, skipped) for skipped in range(expected, number))
            self._next[sender] = number + 1
            return True
        is_late = (sender, number) in self._skipped
        self._skipped.discard((sender, number))
        self.reordered += is_late
        self.doubled += not is_late
        return is_late


def _connect(address: tuple[str, int]) -> socket.socket:
    connection = socket.create_connection(address, timeout=PATIENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
