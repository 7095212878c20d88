"""The load generator: one process, one loop, many connections.

One client, the observer, reads every message closely: which sender, which number, how late. For the others messages are
counted, by a mark that stands once in each, and their bytes are summed up: all must have got the same stream. That is
what lets one Python process judge millions of deliveries a second.
"""

import re
import selectors
import socket
import time
import zlib
from collections import deque
from collections.abc import Callable

from chatproof_reference.bench.dialects import Dialect
from chatproof_reference.bench.scenario import Result, Scenario, percentiles

_MARK = b"^"
_MESSAGE = re.compile(rb"\^([0-9]+):([0-9]+);")
_LONGEST_MARK = 40
_PAYLOAD = 60
_SETTLE_SECONDS = 10.0
_buffer = bytearray(1 << 20)
_view = memoryview(_buffer)


class LoadFailedError(Exception):
    """The load could not be put on: a client could not enter; the text says which and why."""


class Client:
    """One connection that receives, and may send."""

    def __init__(self, address: tuple[str, int], dialect: Dialect, number: int) -> None:
        """Connect and enter, without waiting for the answer."""
        self.username = f"b{number}"
        self.received = b""
        self.count = 0
        self.checksum = 0
        self.sent = self.under_way = 0
        self.times: deque[float] = deque()
        self.unsent = b""
        self.is_lost = False
        self.socket = socket.create_connection(address, timeout=_SETTLE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.publisher = self.socket
        if dialect.publishes_apart:
            self.publisher = socket.create_connection(address, timeout=_SETTLE_SECONDS)
            self.publisher.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(dialect.enter(self.username))

    def send(self, data: bytes) -> None:
        """Send what the system takes; keep the rest."""
        self.unsent += data
        try:
            sent = self.publisher.send(self.unsent)
        except BlockingIOError:
            return
        self.unsent = self.unsent[sent:]

    def close(self) -> None:
        """Close all that is open."""
        self.socket.close()
        self.publisher.close()


class Load:
    """Puts one scenario on one server."""

    def __init__(self, address: tuple[str, int], dialect: Dialect, scenario: Scenario) -> None:
        """Prepare; :meth:`run` connects."""
        self._address = address
        self._dialect = dialect
        self._scenario = scenario
        self._selector = selectors.DefaultSelector()
        self._clients: list[Client] = []
        self._stalled: list[Client] = []
        self._latencies: list[float] = []
        self._next: dict[int, int] = {}
        self._rest = b""
        self._result = Result(scenario)
        self._last = 0.0

    def run(self) -> Result:
        """Connect, send for the scenario's time, wait for what is under way, and judge.

        Raises:
            LoadFailedError: where the clients could not enter.
        """
        try:
            self._enter()
            self._send()
            self._judge()
        finally:
            for client in self._clients + self._stalled:
                client.close()
            self._selector.close()
        return self._result

    def _enter(self) -> None:
        begin = time.monotonic()
        scenario = self._scenario
        try:
            for number in range(scenario.clients + scenario.stalled):
                client = Client(self._address, self._dialect, number)
                (self._clients if number < scenario.clients else self._stalled).append(client)
                self._selector.register(client.socket, selectors.EVENT_READ, (client.socket, client))
                client.socket.settimeout(0)
                self._read_ready(0.0, self._note_entry)
        except OSError as error:
            raise LoadFailedError(f"client {len(self._clients)} cannot connect: {error}") from error
        self._await_entries(begin)
        self._result.join_seconds = time.monotonic() - begin
        while self._read_ready(0.3, self._note_entry):
            pass
        for client in self._stalled:
            self._selector.unregister(client.socket)
        for client in self._clients:
            client.received = b""
            if client.publisher is not client.socket:
                client.publisher.settimeout(0)
                self._selector.register(client.publisher, selectors.EVENT_READ, (client.publisher, None))

    def _await_entries(self, begin: float) -> None:
        waiting = {client for client in self._clients + self._stalled if not self._is_in(client)}
        while waiting:
            self._read_ready(0.5, self._note_entry)
            waiting = {client for client in waiting if not self._is_in(client) and not client.is_lost}
            if time.monotonic() - begin > 60.0 and waiting:  # noqa: PLR2004  seconds: nothing enters any more
                one = next(iter(waiting))
                raise LoadFailedError(f"{len(waiting)} clients were not let in; one got {one.received[-200:]!r}")

    def _is_in(self, client: Client) -> bool:
        return client.received == b"in" or self._dialect.entered(client.username, client.received)

    def _note_entry(self, client: Client, size: int) -> None:
        if client.received != b"in":
            before, client.received = client.received, client.received + bytes(_view[:size])
            if (more := self._dialect.proceed(client.received)) and not self._dialect.proceed(before):
                client.send(more)
            if self._dialect.entered(client.username, client.received):
                client.received = b"in"

    def _read_ready(self, timeout: float, note: Callable[[Client, int], None]) -> int:
        ready = self._selector.select(timeout)
        for key, _ in ready:
            readable, client = key.data
            try:
                size = readable.recv_into(_buffer)
            except BlockingIOError:
                continue
            except OSError:
                size = 0
            if size and client is not None:
                note(client, size)
            elif not size:
                self._selector.unregister(readable)
                if client is not None:
                    client.is_lost = True
        return len(ready)

    def _send(self) -> None:
        senders = self._clients[1 : 1 + self._scenario.senders]
        begin = self._last = time.monotonic()
        until = begin + self._scenario.seconds
        while (now := time.monotonic()) < until:
            self._fill(senders, now - begin)
            self._read_ready(0.0005 if self._scenario.rate else 0.05, self._note_messages)
        self._result.sent = sum(client.sent for client in senders)
        recipients = self._scenario.clients - (not self._dialect.echoes)
        self._result.expected = self._result.sent * recipients
        end = time.monotonic() + _SETTLE_SECONDS
        while sum(client.count for client in self._clients) < self._result.expected and time.monotonic() < end:
            for client in senders:
                if client.unsent:
                    client.send(b"")
            self._read_ready(0.2, self._note_messages)
        self._result.seconds = self._last - begin

    def _fill(self, senders: list[Client], elapsed: float) -> None:
        scenario = self._scenario
        if scenario.rate:
            due = int(elapsed * scenario.rate) - sum(client.sent for client in senders)
            for turn in range(due):
                sender = senders[(sum(client.sent for client in senders[:1]) + turn) % len(senders)]
                self._say(sender, 1)
            return
        for sender in senders:
            room = scenario.window - sender.under_way
            if room > scenario.window // 2 or room == scenario.window:
                self._say(sender, room)

    def _say(self, sender: Client, count: int) -> None:
        now = time.monotonic()
        number = int(sender.username[1:])
        texts = (f"^{number}:{sender.sent + index};".ljust(_PAYLOAD, "x") for index in range(count))
        data = b"".join(map(self._dialect.say, texts))
        sender.sent += count
        sender.under_way += count
        sender.times.extend([now] * count)
        sender.send(data)

    def _note_messages(self, client: Client, size: int) -> None:
        self._last = time.monotonic()
        client.count += _buffer.count(_MARK, 0, size)
        if self._dialect.compares_streams:
            client.checksum = zlib.adler32(_view[:size], client.checksum)
        if client is self._clients[0]:
            self._observe(bytes(_view[:size]))

    def _observe(self, data: bytes) -> None:
        data = self._rest + data
        end = 0
        for found in _MESSAGE.finditer(data):
            end = found.end()
            sender, number = int(found[1]), int(found[2])
            expected = self._next.get(sender, 0)
            if number < expected:
                self._result.doubled += 1
                continue
            self._result.reordered += number > expected
            self._next[sender] = number + 1
            client = self._clients[sender]
            client.under_way -= 1
            self._latencies.append(self._last - client.times.popleft())
        self._rest = data[max(end, len(data) - _LONGEST_MARK) :]

    def _judge(self) -> None:
        result, observer = self._result, self._clients[0]
        result.deliveries = sum(client.count for client in self._clients)
        result.missing = max(0, result.expected - result.deliveries)
        result.doubled += max(0, result.deliveries - result.expected)
        result.lost = sum(client.is_lost for client in self._clients)
        if self._dialect.compares_streams:
            result.differing = sum(client.checksum != observer.checksum for client in self._clients)
        result.latency_ms = percentiles(self._latencies)
