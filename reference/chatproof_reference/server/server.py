"""The server's life: it listens, gives each connection a thread that reads, and stops in order."""

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chatproof_common.addresses import shown_address
from chatproof_common.system.cores import on_cores, this_core
from chatproof_reference.server import replies, sockets
from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import ClientInfo, Connection
from chatproof_reference.server.connections import Connections, origin_of
from chatproof_reference.server.counters import Counters
from chatproof_reference.server.events import EventKind, Events, Subscription
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.handler import ClientHandler
from chatproof_reference.server.listener import Listener, NoRoom
from chatproof_reference.server.options import ServerOptions
from chatproof_reference.server.ordering import CannotJoinCluster, LocalLog, Log
from chatproof_reference.server.requests import SayPrivately, warm_up
from chatproof_reference.wire import encode_message
from chatproof_schemas import Direction, read_frame

if TYPE_CHECKING:
    from chatproof_reference.server.cluster.node import ClusterNode

_TICK_SECONDS = 0.25
_FLUSH_SECONDS = 0.5
_FAREWELL = "The server is stopping"


class ChatServer:
    """A chat server that keeps every requirement of SPEC.md, with no window.

    Its methods may be called from any thread. It can be started again after it has stopped. Those that know clients by
    their sockets, or messages as the members of a JSON object, are there since the original documentation lists them.

    Attributes:
        is_running: whether it is started and not stopped; only to be read.
        node: its part in a cluster, once started; None if it is the whole chat.
    """

    def __init__(self, host: str = "localhost", port: int = 12345, options: ServerOptions | None = None) -> None:
        """Prepare to serve on ``host`` and ``port`` (0: the system chooses)."""
        self.host = host
        self.port = port
        self.options = options or ServerOptions()
        self.counters = Counters()
        self._events = Events()
        self.node: ClusterNode | None = None
        self._life = threading.RLock()
        self.is_running = False
        self._stopping = threading.Event()

    @property
    def address(self) -> tuple[str, int]:
        """The host and port that it listens on, once started."""
        return self._listener.address

    @property
    def place(self) -> str:
        """Where it listens, as ``host:port`` (IPv6: ``[host]:port``), once started."""
        return shown_address(self.address)

    def subscribe(self, *kinds: EventKind, limit: int = 10_000) -> Subscription:
        """Return a queue of events of these kinds (all if none is named) that holds at most ``limit`` unread."""
        return self._events.subscribe(frozenset(kinds or EventKind), limit)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        self._events.unsubscribe(subscription)

    def start_server(self) -> None:
        """Listen, and serve in its own threads.

        Raises:
            CannotListen: if the address cannot be had; the text is one line for a person.
            CannotJoinCluster: if there is no cluster to join; the same.
            RuntimeError: if it is running already, or the system has no thread left.
        """
        with self._life:
            if self.is_running:
                raise RuntimeError("The server is running already")
            warm_up()
            self._listener = Listener(self.host, self.port)
            self._stopping.clear()
            self.counters = Counters()
            self._fan_out = FanOut(self.options.outbox_bytes, self.options.unread_seconds)
            self._chat = Chat(self._fan_out, self._events, self.counters, self.options.max_clients)
            self.node = self._join_cluster()
            self._log: Log = self.node or LocalLog(self._chat)
            self._handler = ClientHandler(
                self._log, self._fan_out, self._events, self.options.linger_seconds, self._stopping.is_set
            )
            self._connections = Connections(self._chat, self._log, self._fan_out, self.options)
            self._accepting = threading.Thread(target=self.accept_clients, name="chat-accept", daemon=True)
            with on_cores(_cores(self.options)):  # its threads of clients too: the one that accepts starts them
                self._fan_out.start()
                if self.node:
                    self.node.start(self._connections.end_part)
                self._accepting.start()
            self.is_running = True
        self._events.emit(EventKind.STARTED, address=self.place)

    def stop_server(self) -> None:
        """Stop in order (STOP-1, STOP-2): say so, end every stream, wait for its end. Does nothing if stopped."""
        with self._life:
            if not self.is_running:
                return
            deadline = time.monotonic() + self.options.stop_seconds
            self._stopping.set()
            self._listener.wake()
            self._accepting.join(self.options.stop_seconds)
            self._listener.stop_listening()
            if self.node:
                self.node.stop()
            if left := self._connections.end_all(_FAREWELL, deadline):
                self._events.emit(EventKind.TROUBLE, text=f"{left} connections could not be ended in time")
            self._fan_out.close(_FLUSH_SECONDS)
            self.totals()
            self.is_running = False
        self._events.emit(EventKind.STOPPED)

    def send_server_message(self, text: str) -> None:
        """Announce a text to every joined client, as a ``server`` message (SERVER-1).

        Raises:
            ValueError: if the text is empty or too long for one frame; the text of the error says by how much.
            RuntimeError: if the server is not running.
        """
        with self._running_log() as log:
            log.announce(replies.announcement(text))
            self.counters.announcements += 1
            self._events.emit(EventKind.ANNOUNCED, text=text)

    def totals(self) -> Counters:
        """Return what has been counted since the start."""
        if self.is_running:
            self.counters.deliveries = self._fan_out.deliveries
        return self.counters

    @property
    def connection_count(self) -> int:
        """How many connections there are now, joined or not."""
        return len(self._connections) if self.is_running else 0

    def list_clients(self) -> list[ClientInfo]:
        """Return every joined client, in the order in which they joined."""
        return [member.info for member in self._members()]

    def disconnect_user(self, username: str) -> bool:
        """End a user's connection in order: the user is informed, and the others get the leave notice.

        Returns:
            whether there was such a user.
        """
        for member in self._members():
            if member.username == username:
                self._disconnect(member)
                return True
        return False

    @property
    def clients(self) -> dict[socket.socket, dict[str, object]]:
        """Every joined client by its socket: its ``username`` and ``address``. A copy."""
        members = self._members()
        return {member.socket: {"username": member.username, "address": member.address} for member in members}

    def broadcast_message(self, message: Mapping[str, Any]) -> None:
        """Send a message of the server to every joined client.

        Raises:
            FrameRefused: if it is not a valid message of a server, or too long; its problems say what and why.
            RuntimeError: if the server is not running.
        """
        frame = encode_message(message)
        read_frame(frame[:-1], Direction.SERVER)
        with self._running_log() as log:
            log.announce(frame)

    def handle_private_message(self, client_socket: socket.socket, target: str, content: str) -> None:
        """Route a private message as if the client on that socket had sent it.

        Raises:
            KeyError: if no joined client has that socket.
        """
        self._log.ask(self._member(client_socket), [SayPrivately(target, replies.json_text(content))])

    def disconnect_client(self, client_socket: socket.socket) -> None:
        """End a joined client's connection in order; it is informed, and the others get its leave notice.

        Raises:
            KeyError: if no joined client has that socket.
        """
        self._disconnect(self._member(client_socket))

    def accept_clients(self) -> None:
        """Accept connections until the server stops, and end those that are overdue: its first thread."""
        is_full = False
        look_at = 0.0
        while not self._stopping.is_set():
            self._listener.wait(_TICK_SECONDS)
            try:
                while accepted := self._listener.accept():
                    is_full = False
                    self._welcome(*accepted)
            except (NoRoom, RuntimeError, MemoryError) as error:
                if not is_full:  # once, however long it lasts
                    reason = error.strerror if isinstance(error, NoRoom) else error
                    self._events.emit(EventKind.TROUBLE, text=f"cannot accept connections: {reason}")
                is_full = True
                time.sleep(_TICK_SECONDS)  # until a connection ends, or the system has room again
            if (now := time.monotonic()) >= look_at:  # not at each of a thousand that come at once
                look_at = now + _TICK_SECONDS
                self._connections.end_overdue(now)

    def handle_client(self, connection: Connection) -> None:
        """Read one connection to its end, and clean up after it: a thread for each."""
        try:
            self._handler.handle(connection)
        finally:
            self._connections.forget(connection)

    def _join_cluster(self) -> "ClusterNode | None":
        """Register at the cluster, if one is asked for; until then nobody is served."""
        if not self.options.cluster:
            return None
        try:
            from chatproof_reference.server.cluster.node import ClusterNode  # noqa: PLC0415  it needs an extra

            node = ClusterNode(self.options, self._chat, self._fan_out, self.counters, self._events)
            node.register()
        except (ImportError, CannotJoinCluster) as error:
            self._listener.stop_listening()
            if isinstance(error, ImportError):
                raise CannotJoinCluster(f"{error}: --cluster needs pip install 'chatproof[cluster]'") from error
            raise
        return node

    def _welcome(self, client: socket.socket, address: tuple[str, int]) -> None:
        """Give a new connection its thread, or end it if there is no room for one."""
        self.counters.connections += 1
        place = shown_address(address)
        try:
            connection = Connection(client, address, self.options.outbox_bytes, origin=origin_of(address[0]))
        except (RuntimeError, MemoryError) as error:
            self._turn_away(place, f"it could not be served: {error}")
            client.close()
            return
        reason = self._connections.reason_to_refuse(connection)
        if not reason:
            try:
                sockets.prepare(client, self.options.vanished_seconds)
                # Before its thread starts: that, or a thread that ends it, may report more of it at once.
                self._events.emit(EventKind.CONNECTED, address=place)
                self._connections.start(connection, self.handle_client)
            except (OSError, RuntimeError, MemoryError) as error:
                reason = f"it could not be served: {error}"
            else:
                return
        self._turn_away(place, reason)
        self._connections.forget(connection)

    def _turn_away(self, place: str, reason: str) -> None:
        self.counters.turned_away[reason] += 1
        self._events.emit(EventKind.TROUBLE, address=place, text=f"refused a connection: {reason}")

    def _members(self) -> list[Connection]:
        if not self.is_running:  # asked without the lock: a window that shows them must not wait while it stops
            return []
        with self._fan_out:
            return list(self._chat.members.values())

    def _member(self, client_socket: socket.socket) -> Connection:
        for member in self._members():
            if member.socket is client_socket:
                return member
        raise KeyError(client_socket)

    @contextlib.contextmanager
    def _running_log(self) -> Iterator[Log]:
        with self._life:
            if not self.is_running:
                raise RuntimeError("The server is not running: start it first")
            yield self._log

    def _disconnect(self, connection: Connection) -> None:
        self._connections.end(connection, "the operator ended it", "The operator has disconnected you")


def _cores(options: ServerOptions) -> frozenset[int]:
    """Return the core that all threads share: if one at a time may run, moving between cores only costs time."""
    runs_one_at_a_time: bool = getattr(sys, "_is_gil_enabled", lambda: True)()
    return this_core() if runs_one_at_a_time and not options.all_cores else frozenset()
