"""The load that one process puts on: one loop, many connections.

The last client only listens, and reads every message closely; if latency is the question so do some others, spread over
those who joined. Of the rest only the bytes are compared: if all got the same stream, what is true of one is true of
all. If streams differ messages are counted, by a mark that stands once in each.
"""

import socket
import time
from collections import deque
from collections.abc import Callable, Sequence

from chatproof_common.system.multiplexer import Waiter
from chatproof_reference.bench import client as clients
from chatproof_reference.bench.client import Client, CloseReader
from chatproof_reference.bench.dialects import Dialect
from chatproof_reference.bench.result import Seen
from chatproof_reference.bench.scenario import Share
from chatproof_reference.bench.spellings import text_bytes
from chatproof_reference.bench.stream import CommonStream

_MARK = b"^"
_PAYLOAD = 60
_ENTER_SECONDS = 120.0
_QUIET_SECONDS = 0.3
_READ_EVERY = 64
_READ_SECONDS = 0.005
_READ_AT_ONCE = 8
_OBSERVERS = 5
_FLOOD_WINDOW = 2048
Watched = tuple[socket.socket, Client | None]
"""What is read, and who is to note it; nobody, for a connection that only publishes."""
Note = Callable[[Client, int], None]
_buffer = bytearray(1 << 20)
_view = memoryview(_buffer)
_FORGET_BYTES = 8 << 20


class LoadFailedError(Exception):
    """The load could not be put on: a client could not enter; the text names it and the reason."""


class Load:
    """Puts one process's share of a scenario on one server: enter, settle, send, finish, close; in this order."""

    def __init__(
        self, addresses: Sequence[tuple[str, int]], dialect: Dialect, share: Share, *, closely: bool = False
    ) -> None:
        """Prepare; ``closely``: read every client's stream as the observer's is read, which is slower."""
        self._addresses = addresses
        self._dialect = dialect
        self._share = share
        self._scenario = share.scenario
        self._others = Waiter[Watched]()
        self._observing = Waiter[Watched]()
        self._read_at = 0.0
        self._readable: deque[Watched] = deque()
        self._clients: list[Client] = []
        self._stalled: list[Client] = []
        self._by_number: dict[int, Client] = {}
        self._flooders: set[Client] = set()
        self._observers: set[Client] = set()
        self._readers: dict[Client, CloseReader] = {}
        self._closely = closely
        self._common = CommonStream(_MARK)
        self._entered = 0
        self._seen = Seen()

    def enter(self) -> None:
        """Connect everyone at once and wait until all are in.

        Raises:
            LoadFailedError: if one cannot enter.
        """
        begin = time.monotonic()
        wanted = self._scenario.clients + self._scenario.stalled
        for place in range(wanted):
            self._connect(place)
            if place % _READ_EVERY == 0:  # who is in gets everyone's notices: seldom and much is cheaper to read
                self._read_ready(self._others, 0.0, self._note_entry)
        while self._entered < wanted:
            self._read_ready(self._others, 0.5, self._note_entry)
            if time.monotonic() - begin > _ENTER_SECONDS:
                self._give_up()
        self._seen.entering = (begin, time.monotonic())

    def settle(self) -> None:
        """Read until all is quiet, and forget what was read; if others talk on, until patience ends."""
        end = time.monotonic() + clients.PATIENCE_SECONDS
        while self._read_ready(self._others, _QUIET_SECONDS, lambda *_: None) and time.monotonic() < end:
            pass
        for client in self._stalled:
            self._others.unwatch(client.socket)
        for client in self._clients:
            if client.publisher is not client.socket:
                self._others.watch(client.publisher, (client.publisher, None))
        # The one that only listens joined in the middle: who joined last is the first that some servers reach.
        self._clients.append(self._clients.pop(len(self._clients) // 2))
        for client in self._clients:
            client.differs = not self._dialect.compares_streams
        self._by_number = {client.number: client for client in self._clients}
        step = max(1, len(self._clients) // _OBSERVERS) if self._scenario.rate else len(self._clients)
        self._observers = set(self._clients[::-step])
        for observer in self._observers:
            self._others.unwatch(observer.socket)
            self._observing.watch(observer.socket, (observer.socket, observer))
        closely_read = self._clients if self._closely else self._observers
        self._readers = {client: CloseReader() for client in closely_read}

    def send(self) -> int:
        """Send for the scenario's time; return how many messages that were."""
        scenario, begin = self._scenario, time.monotonic()
        senders = self._clients[: scenario.senders]
        flooders = self._clients[scenario.senders :][: scenario.flooders]
        self._flooders = set(flooders)
        self._seen.sending = (begin, begin)
        while time.monotonic() < begin + scenario.seconds:
            self._fill(senders, scenario.window) if not scenario.rate else self._offer(senders, begin)
            self._fill(flooders, _FLOOD_WINDOW)
            self._read(0.0005 if scenario.rate else 0.05)
        self._seen.sent = sum(client.sent for client in self._clients)
        return self._seen.sent

    def finish(self, total: int) -> Seen:
        """Wait until each client has got ``total`` messages, those of all processes; return what was seen."""
        since = time.monotonic()
        wanted = [total - (0 if self._dialect.echoes else client.sent) for client in self._clients]
        self._seen.expected = sum(wanted)
        while sum(map(self._count, self._clients)) < self._seen.expected and self._is_patient(since):
            for client in self._clients:
                client.send()
            self._read(0.2)
        for waiter in (self._observing, self._others):  # what comes twice may come a moment later
            self._read_ready(waiter, _QUIET_SECONDS, self._note_messages)
        self._judge(wanted)
        return self._seen

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients + self._stalled:
            client.close()
        self._others.close()
        self._observing.close()

    def _connect(self, place: int) -> None:
        number = self._share.first + place
        try:
            address = self._addresses[number % len(self._addresses)]
            client = Client(address, self._dialect, f"{self._share.tag}{number}", number)
        except OSError as error:
            raise LoadFailedError(f"client {number} cannot connect: {error}") from error
        (self._clients if place < self._scenario.clients else self._stalled).append(client)
        self._others.watch(client.socket, (client.socket, client))

    def _give_up(self) -> None:
        outside = [client for client in self._clients + self._stalled if not client.is_in]
        received = outside[0].received[-200:]
        raise LoadFailedError(f"{len(outside)} clients were not let in; one got {received!r}")

    def _note_entry(self, client: Client, size: int) -> None:
        if client.is_in:
            return
        before, client.received = client.received, client.received + bytes(_view[:size])
        if (more := self._dialect.proceed(client.received)) and not self._dialect.proceed(before):
            client.send(more)
        if self._dialect.entered(client.username, client.received):
            client.is_in, client.received = True, b""
            self._entered += 1

    def _read(self, timeout: float) -> None:
        """Wait for an observer, for at most ``timeout`` seconds, and read it; read the others when it is time to.

        If latency is the question the others are read a few at once, so that no observer waits for them all.
        """
        now = time.monotonic()
        if now >= self._read_at:
            self._read_at = now + _READ_SECONDS * (10 if self._scenario.rate else 1)
            self._readable.extend(watched for watched, _ in self._others.wait(0.0))
            self._forget()
        wait = 0.0 if self._readable else min(timeout, self._read_at - now)
        self._read_ready(self._observing, max(0.0, wait), self._note_messages)
        for _ in range(min(len(self._readable), _READ_AT_ONCE) if self._scenario.rate else len(self._readable)):
            self._read_one(self._others, self._readable.popleft(), self._note_messages)

    def _read_ready(self, waiter: Waiter[Watched], timeout: float, note: Note) -> int:
        ready = waiter.wait(timeout)
        for watched, _ in ready:
            self._read_one(waiter, watched, note)
        return len(ready)

    def _read_one(self, waiter: Waiter[Watched], watched: Watched, note: Note) -> None:
        readable, client = watched
        try:
            size = readable.recv_into(_buffer)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if size and client is not None:
            note(client, size)
        elif not size and waiter.unwatch(readable) and client is not None:
            self._lose(client)

    def _lose(self, client: Client) -> None:
        client.is_lost = True
        if not self._readers:
            received = client.received[-200:]
            raise LoadFailedError(f"{client.username} was disconnected before the load began; it had got {received!r}")

    def _offer(self, senders: list[Client], begin: float) -> None:
        """Send what is due by now. Its time is when it was due: a generator that is late hides no server's delay."""
        rate = self._scenario.rate
        sent = sum(client.sent for client in senders)
        for number in range(sent, int((time.monotonic() - begin) * rate)):
            self._say(senders[number % len(senders)], 1, begin + (number + 1) / rate)

    def _is_patient(self, since: float) -> bool:
        """Whether something has arrived of late: a slow server takes its time; what is lost never comes."""
        return time.monotonic() - max(since, self._seen.sending[1]) < clients.PATIENCE_SECONDS

    def _fill(self, senders: list[Client], window: int) -> None:
        for sender in senders:
            room = window - sender.under_way
            if room > window // 2 or room == window:
                self._say(sender, room, time.monotonic())

    def _say(self, sender: Client, count: int, due: float) -> None:
        spelling = self._scenario.spelling
        size = text_bytes(spelling, _PAYLOAD)
        texts = (f"^{sender.number}:{sender.sent + index};".ljust(size, "x") for index in range(count))
        data = b"".join(self._dialect.say(text, spelling) for text in texts)
        sender.sent += count
        sender.under_way += count
        sender.times.extend([due] * count)
        sender.send(data)

    def _note_messages(self, client: Client, size: int) -> None:
        self._seen.sending = (self._seen.sending[0], time.monotonic())
        if not client.differs and self._common.continues(client.position, _buffer, size):
            client.position += size
        else:
            client.count = self._count(client) + _buffer.count(_MARK, 0, size)
            client.differs, client.position = True, 0
        if reader := self._readers.get(client):
            new = reader.read(bytes(_view[:size]))
            if client in self._observers:
                self._time(new)
            if client is self._clients[-1]:
                self._make_room(new)

    def _count(self, client: Client) -> int:
        return client.count + self._common.count(client.position)

    def _forget(self) -> None:
        if self._common.kept > _FORGET_BYTES:
            self._common.forget(
                min((client.position for client in self._clients if not client.differs), default=self._common.end)
            )

    def _time(self, new: list[tuple[int, int]]) -> None:
        now = self._seen.sending[1]
        for number, place in new:
            client = self._by_number.get(number)  # another process times its own
            if client and client not in self._flooders:  # how long a flooder waits is its own affair
                self._seen.latencies.append(now - client.times[place])

    def _make_room(self, new: list[tuple[int, int]]) -> None:
        for number, _ in new:
            if client := self._by_number.get(number):
                client.under_way -= 1

    def _judge(self, wanted: list[int]) -> None:
        seen = self._seen
        seen.deliveries = sum(map(self._count, self._clients))
        by_count = [self._count(client) - due for client, due in zip(self._clients, wanted, strict=True)]
        seen.missing = -sum(excess for excess in by_count if excess < 0)
        seen.doubled = sum(
            max(excess, self._readers[client].doubled if client in self._readers else 0)
            for client, excess in zip(self._clients, by_count, strict=True)
        )
        seen.reordered = sum(reader.reordered for reader in self._readers.values())
        seen.lost = sum(client.is_lost for client in self._clients)
        seen.dropped = sum(client.was_dropped() for client in self._stalled)
        if self._dialect.compares_streams:
            same, end = self._common.checksum, self._common.end
            seen.checksums = [None if client.differs or client.position < end else same for client in self._clients]
