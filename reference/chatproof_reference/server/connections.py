"""All connections, each with the thread that reads it, and the ends that the server puts to them."""

import ipaddress
import threading
import time
from collections.abc import Callable, Iterable

from chatproof_common.system.limits import stack_bytes
from chatproof_common.system.sockets import awaits_answer
from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.options import ServerOptions
from chatproof_reference.server.ordering import Log

_STACK_BYTES = 512 * 1024
"""Of a client's thread; the deepest nesting that a frame can hold needs about a third of it."""

_ORDERLY_PART, _SLOW_PART = 0.3, 0.4
"""Of the time for stopping: for those who close by themselves, then for those who still take what waits for them."""

_IPV6_NETWORK_BITS = 64
"""What one customer of a provider has: within it an address costs nothing."""

_LOOKS = 12
"""How often it is asked whether a machine answers, before the connection is ended."""

VANISHED = "its machine no longer answers"
"""Why a connection ends whose peer went without an end of the stream: a lost network, a lost power."""

_stack_lock = threading.Lock()


class Connections:
    """The connections from their accept to their close. Its methods may be called from any thread."""

    def __init__(self, chat: Chat, log: Log, fan_out: FanOut, options: ServerOptions) -> None:
        self._chat = chat
        self._log = log
        self._fan_out = fan_out
        self._options = options
        self._threads: dict[Connection, threading.Thread] = {}
        self._by_origin: dict[str, set[Connection]] = {}
        self._changed = threading.Condition()
        self._look_at = 0.0  # when to ask the system next which machines answer: it costs a call for each connection

    def __len__(self) -> int:
        """Return how many there are, joined or not."""
        return len(self._threads)

    def reason_to_refuse(self, connection: Connection) -> str:
        """Return why one more connection cannot be served, such as a bound that it would break; empty if it can."""
        options = self._options
        if len(self._threads) >= options.max_connections:
            return "there are too many connections"
        if reason := self._log.reason_to_refuse():
            return reason
        same = self._by_origin.get(connection.origin, ())
        if len(same) >= options.max_per_address:
            return "there are too many connections from its address"
        with self._changed:
            unjoined = len(same) if len(same) < options.max_unjoined_per_address else _count_unjoined(same)
        if unjoined >= options.max_unjoined_per_address:
            return "too many connections from its address have not joined"
        return ""

    def start(self, connection: Connection, handle: Callable[[Connection], None]) -> None:
        """Start the thread of a connection, which calls ``handle``; that calls :meth:`forget` in the end.

        Raises:
            RuntimeError: if the system has no thread left.
        """
        with _stack_lock:  # the size is a setting of the whole process
            before = threading.stack_size(stack_bytes(_STACK_BYTES))
            try:
                thread = threading.Thread(target=handle, args=(connection,), daemon=True)
                with self._changed:
                    self._threads[connection] = thread
                    self._by_origin.setdefault(connection.origin, set()).add(connection)
                thread.start()
            finally:
                threading.stack_size(before)

    def forget(self, connection: Connection) -> None:
        """Close a connection that has ended, or that could not be started."""
        self._fan_out.release(connection.outbox)
        with self._changed:
            self._threads.pop(connection, None)
            same = self._by_origin.get(connection.origin, set())
            same.discard(connection)
            if not same:
                self._by_origin.pop(connection.origin, None)
            self._changed.notify_all()

    def wait_until_none(self, timeout: float) -> bool:
        """Wait until all connections are closed, for at most ``timeout`` seconds; return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads, timeout)

    def end(self, connection: Connection, reason: str, farewell: str = "") -> None:
        """End a connection in order. Its thread reads on until the peer closes too, or it is cut; then it cleans up."""
        connection.cut_at = time.monotonic() + self._options.linger_seconds
        self._log.end(connection, reason, farewell=farewell)

    def end_part(self, reason: str, farewell: str) -> None:
        """End every connection in order: this node can no longer tell them what happens in the chat."""
        with self._changed:
            connections = tuple(self._threads)
        self._chat.close(connections, reason, farewell)
        for connection in connections:
            connection.cut_at = time.monotonic() + self._options.linger_seconds

    def end_overdue(self, now: float) -> None:
        """End those that took too long to join, or over a frame; cut those that took too long over their end."""
        with self._changed:
            connections = tuple(self._threads)
        looks = now >= self._look_at
        if looks:
            self._look_at = now + self._options.vanished_seconds / _LOOKS
        for connection in connections:
            if connection.cut_at is not None:
                if now > connection.cut_at:
                    connection.outbox.cut()
            elif not connection.username and now - connection.connected_at > self._options.join_seconds:
                self.end(connection, "it did not join in time")
            elif (began := connection.frame_began_at) and now - began > self._options.half_frame_seconds:
                self.end(connection, "it did not finish a frame in time")
            elif looks and self._has_vanished(connection, now):
                self.end(connection, VANISHED)

    def _has_vanished(self, connection: Connection, now: float) -> bool:
        """Return whether its machine has long answered nothing, although something is on its way to it.

        If nothing is, the system finds it out by itself (see :func:`keep_alive`).
        """
        if not awaits_answer(connection.socket):
            connection.unanswered_since = None
        elif connection.unanswered_since is None:
            connection.unanswered_since = now
        return now - (connection.unanswered_since or now) > self._options.vanished_seconds

    def end_all(self, farewell: str, deadline: float) -> int:
        """End every connection, and cut those that do not close by themselves; return how many are left after that.

        ``deadline`` is when it returns at the latest, on the clock of time.monotonic.
        """
        with self._changed:
            connections = tuple(self._threads)
        self._chat.close(connections, "the server stopped", farewell)
        seconds = deadline - time.monotonic()
        taken = {connection: connection.outbox.taken for connection in connections}
        self.wait_until_none(seconds * _ORDERLY_PART)
        for connection in connections:  # these have got everything and keep their end open, or take nothing
            if not connection.outbox.pending or connection.outbox.taken == taken[connection]:
                connection.outbox.cut()
        self.wait_until_none(seconds * _SLOW_PART)
        for connection in connections:
            connection.outbox.cut()
        self.wait_until_none(deadline - time.monotonic())
        return len(self._threads)


def origin_of(host: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:  # a socket for both kinds shows IPv4 so
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, _IPV6_NETWORK_BITS), strict=False))
    return host


def _count_unjoined(connections: Iterable[Connection]) -> int:
    return sum(not connection.username for connection in connections)
