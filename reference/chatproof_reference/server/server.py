"""The server's life: it listens, gives each connection a thread that reads, and stops in order."""

import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatproof_reference.cores import on_cores, this_core
from chatproof_reference.server import sockets
from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import Connection, format_address
from chatproof_reference.server.counters import Counters
from chatproof_reference.server.events import EventKind, Events, Subscription
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.listener import Listener, NoRoom
from chatproof_reference.server.options import ServerOptions
from chatproof_reference.server.replies import json_text
from chatproof_reference.server.requests import SayPrivately, understand, warm_up
from chatproof_reference.wire import Frame, FrameReader, encode_message
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, read_frame

_TICK_SECONDS = 0.25
_PAUSE_SECONDS = 0.1
"""How long a peer that ends its frames with no LF must be silent for a frame to end."""

_STACK_BYTES = 512 * 1024
"""Of a client's thread; the deepest nesting that a frame can hold needs about a third of it."""

_FAREWELL = "The server is stopping"
_stack_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """A joined client, for a table of them.

    Attributes:
        username: its name.
        address: its peer's host and port.
        joined_at: seconds since the epoch.
        messages_in: valid public and private messages that it sent.
        messages_out: frames sent to it, or waiting to be.
        pending_bytes: bytes that wait for it to read.
    """

    username: str
    address: tuple[str, int]
    joined_at: float
    messages_in: int
    messages_out: int
    pending_bytes: int


class ChatServer:
    """A chat server that keeps every requirement of SPEC.md, with no window.

    Its methods may be called from any thread. It can be started again after it has stopped.
    """

    def __init__(self, host: str = "localhost", port: int = 12345, options: ServerOptions | None = None) -> None:
        """Prepare to serve on ``host`` and ``port`` (0: the system chooses)."""
        self.host = host
        self.port = port
        self.options = options or ServerOptions()
        self.counters = Counters()
        self._events = Events()
        self._life = threading.RLock()
        self._is_running = False
        self._stopping = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether it is started and not stopped."""
        return self._is_running

    @property
    def address(self) -> tuple[str, int]:
        """The host and port that it listens on, once started."""
        return self._listener.address

    @property
    def place(self) -> str:
        """Where it listens, as ``host:port`` (IPv6: ``[host]:port``), once started."""
        return format_address(self.address)

    @property
    def clients(self) -> dict[socket.socket, dict[str, object]]:
        """Every joined client by its socket: its ``username`` and ``address``. A copy."""
        members = self._members()
        return {member.socket: {"username": member.username, "address": member.address} for member in members}

    def subscribe(self, *kinds: EventKind, limit: int = 10_000) -> Subscription:
        """Return a queue of events of these kinds (all where none is named) that holds at most ``limit`` unread."""
        return self._events.subscribe(frozenset(kinds or EventKind), limit)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        self._events.unsubscribe(subscription)

    def start_server(self) -> None:
        """Listen, and serve in threads of its own.

        Raises:
            CannotListen: where the address cannot be had; the text is one line for a person.
            RuntimeError: where it is running already, or the system has no thread left.
        """
        with self._life:
            if self._is_running:
                raise RuntimeError("The server is running already")
            warm_up()
            self._listener = Listener(self.host, self.port)
            self._stopping.clear()
            self.counters = Counters()
            self._fan_out = FanOut(self.options.outbox_bytes // 4)
            self._chat = Chat(self._fan_out, self._events, self.counters, self.options.max_clients)
            self._connections: dict[Connection, threading.Thread] = {}
            self._changed = threading.Condition()
            self._accepting = threading.Thread(target=self.accept_clients, name="chat-accept", daemon=True)
            with on_cores(_cores(self.options)):  # its threads of clients too: the one that accepts starts them
                self._fan_out.start()
                self._accepting.start()
            self._is_running = True
        self._events.emit(EventKind.STARTED, address=self.place)

    def stop_server(self) -> None:
        """Stop in order (STOP-1, STOP-2): say so, end every stream, wait for its end. Does nothing where stopped."""
        with self._life:
            if not self._is_running:
                return
            self._stopping.set()
            self._listener.wake()
            self._accepting.join()
            self._listener.stop_listening()
            self._chat.close(_FAREWELL)
            self._end_all()
            self._fan_out.close()
            self.totals()
            self._is_running = False
        self._events.emit(EventKind.STOPPED)

    def send_server_message(self, text: str) -> None:
        """Announce a text to every joined client, as a ``server`` message (SERVER-1).

        Raises:
            ValueError: where the text is empty or too long for one frame; the text of the error says by how much.
            RuntimeError: where the server is not running.
        """
        with self._life:
            self._require_running()
            self._chat.announce(text)

    def totals(self) -> Counters:
        """Return what has been counted since the start."""
        if self._is_running:
            self.counters.deliveries = self._fan_out.deliveries
        return self.counters

    def list_clients(self) -> list[ClientInfo]:
        """Return every joined client, in the order in which they joined."""
        return [
            ClientInfo(
                username=member.username,
                address=member.address,
                joined_at=member.joined_at,
                messages_in=member.messages_in,
                messages_out=member.outbox.frames,
                pending_bytes=member.outbox.pending,
            )
            for member in self._members()
        ]

    def broadcast_message(self, message: Mapping[str, Any]) -> None:
        """Send a message of the server's own making to every joined client.

        Raises:
            FrameRefused: where it is no valid message of a server, or too long; its problems say where and why.
            RuntimeError: where the server is not running.
        """
        frame = encode_message(message)
        read_frame(frame[:-1], Direction.SERVER)
        with self._life:
            self._require_running()
            with self._fan_out as batch:
                self._chat.broadcast_message(batch, frame)

    def handle_private_message(self, client_socket: socket.socket, target: str, content: str) -> None:
        """Route a private message as if the client on that socket had sent it.

        Raises:
            KeyError: where no joined client has that socket.
        """
        self._chat.handle(self._member(client_socket), [SayPrivately(target, json_text(content))])

    def disconnect_client(self, client_socket: socket.socket) -> None:
        """End a joined client's connection in order; it is told, and the others get its leave notice.

        Raises:
            KeyError: where no joined client has that socket.
        """
        self._end(self._member(client_socket), "the operator ended it", "The operator has disconnected you")

    def disconnect_user(self, username: str) -> bool:
        """Disconnect a user by name; say whether there was such a user."""
        for client_socket, client in self.clients.items():
            if client["username"] == username:
                self.disconnect_client(client_socket)
                return True
        return False

    def accept_clients(self) -> None:
        """Accept connections until the server stops, and end those that are overdue."""
        is_full = False
        look_at = 0.0
        while not self._stopping.is_set():
            self._listener.wait(_TICK_SECONDS)
            try:
                while accepted := self._listener.accept():
                    is_full = False
                    self._welcome(*accepted)
            except NoRoom as error:
                if not is_full:  # once, however long it lasts
                    self._events.emit(EventKind.TROUBLE, text=f"cannot accept connections: {error.strerror}")
                is_full = True
                with self._changed:  # until one ends, or the system may have room again
                    self._changed.wait(_TICK_SECONDS)
            if (now := time.monotonic()) >= look_at:  # not at each of a thousand that come at once
                look_at = now + _TICK_SECONDS
                self._end_overdue(now)

    def handle_client(self, connection: Connection) -> None:
        """Read one connection to its end, and clean up after it."""
        reason = "it went in the middle of a fault"
        try:
            reason = self._converse(connection)
        except ConnectionError:
            reason = "the connection was lost"
        except OSError as error:
            reason = f"the connection failed: {error.strerror}"
        except Exception as error:  # noqa: BLE001  a fault of ours may cost this connection, never the server
            reason = self._tell_fault(error)
        finally:
            if fault := connection.outbox.fault:
                reason = self._tell_fault(fault)
            elif connection.outbox.was_cut:  # by its own bound: whoever else cuts it has said why before
                reason = "it stopped reading"
            self._chat.leave(connection, connection.ended_because or reason)
            connection.outbox.wait_until_ended(self.options.linger_seconds)
            self._forget(connection)

    def _tell_fault(self, fault: Exception) -> str:
        self._events.emit(EventKind.TROUBLE, text=f"{type(fault).__name__}: {fault}")
        return "a fault of the server"

    def _converse(self, connection: Connection) -> str:
        client, reader = connection.socket, FrameReader(CLIENT_FRAME_BYTES, takes_unended=True)
        while True:
            data = b""
            if reader.awaits_pause and not sockets.readable(client, _PAUSE_SECONDS):
                frames = reader.pause()
                connection.outbox.send_one_at_a_time()
            elif data := sockets.receive(client):
                frames = reader.feed(data)
            else:
                self._answer(connection, reader.end())  # LEAVE-6
                return "it ended the connection"
            if connection.outbox.was_cut:
                return "it was cut"
            self._time_frame(connection, reader, frames)
            self._answer(connection, frames)
            self._fan_out.backlog.ease(len(data))

    def _answer(self, connection: Connection, frames: list[Frame]) -> None:
        if frames and not connection.over:  # what arrives after we have ended the stream is read and dropped
            self._chat.handle(connection, [understand(frame, self._chat.members) for frame in frames])
            if connection.over:  # the server is full
                connection.cut_at = time.monotonic() + self.options.linger_seconds

    def _time_frame(self, connection: Connection, reader: FrameReader, frames: list[Frame]) -> None:
        if not reader.in_frame:
            connection.frame_began_at = None
        elif frames or connection.frame_began_at is None:
            connection.frame_began_at = time.monotonic()

    def _welcome(self, client: socket.socket, address: tuple[str, int]) -> None:
        """Give a new connection its thread, or end it where there is no room for one."""
        self.counters.connections += 1
        connection = Connection(client, address, self.options.outbox_bytes)
        reason = "there are too many connections"
        if len(self._connections) < self.options.max_connections:
            try:
                sockets.prepare(client)
                self._start_reading(connection)
            except (OSError, RuntimeError) as error:
                reason = f"it could not be served: {error}"
            else:
                return
        self._forget(connection)
        self.counters.turned_away[reason] += 1
        self._events.emit(EventKind.TROUBLE, address=connection.place, text=f"refused a connection: {reason}")

    def _start_reading(self, connection: Connection) -> None:
        # Told first: its thread, or one that ends it, may tell more of it at once.
        self._events.emit(EventKind.CONNECTED, address=connection.place)
        with _stack_lock:  # the size is a setting of the whole process
            before = threading.stack_size(_STACK_BYTES)
            try:
                thread = threading.Thread(target=self.handle_client, args=(connection,), daemon=True)
                with self._changed:
                    self._connections[connection] = thread
                thread.start()
            finally:
                threading.stack_size(before)

    def _forget(self, connection: Connection) -> None:
        self._fan_out.release(connection.outbox)
        with self._changed:
            self._connections.pop(connection, None)
            self._changed.notify_all()

    def _end_overdue(self, now: float) -> None:
        with self._changed:
            connections = tuple(self._connections)
        for connection in connections:
            if connection.cut_at is not None:
                if now > connection.cut_at:
                    connection.outbox.cut()
            elif not connection.username and now - connection.connected_at > self.options.join_seconds:
                self._end(connection, "it did not join in time")
            elif (began := connection.frame_began_at) and now - began > self.options.half_frame_seconds:
                self._end(connection, "it did not finish a frame in time")

    def _end(self, connection: Connection, reason: str, farewell: str = "") -> None:
        # Its thread reads on until the peer closes too, or until it is cut, and cleans up.
        connection.cut_at = time.monotonic() + self.options.linger_seconds
        self._chat.leave(connection, reason, farewell=farewell)

    def _end_all(self) -> None:
        """End every connection; those that do not close by themselves are cut when the time is up."""
        with self._changed:
            connections = tuple(self._connections.items())
        for connection, _ in connections:
            self._chat.leave(connection, "the server stopped")
        deadline = time.monotonic() + self.options.stop_seconds
        grace = time.monotonic() + self.options.stop_seconds / 3
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, grace - time.monotonic())
        for connection, _ in connections:  # these have got everything, and keep their end open
            if not connection.outbox.pending:
                connection.outbox.cut()
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, deadline - time.monotonic())
        for connection, _ in connections:
            connection.outbox.cut()
        for _, thread in connections:
            thread.join()

    def _members(self) -> list[Connection]:
        if not self._is_running:  # asked without the lock: a window that shows them must not wait while it stops
            return []
        with self._fan_out:
            return list(self._chat.members.values())

    def _member(self, client_socket: socket.socket) -> Connection:
        for member in self._members():
            if member.socket is client_socket:
                return member
        raise KeyError(client_socket)

    def _require_running(self) -> None:
        if not self._is_running:
            raise RuntimeError("The server is not running: start it first")


def _cores(options: ServerOptions) -> frozenset[int]:
    """Return the core that all threads share: where one at a time may run, moving between cores only costs time."""
    runs_one_at_a_time: bool = getattr(sys, "_is_gil_enabled", lambda: True)()
    return this_core() if runs_one_at_a_time and not options.all_cores else frozenset()
