"""Moves bytes: accepts connections, reads, queues and sends, and ends connections in order."""

import contextlib
import errno
import socket
import sys

from baseline.connection import Connection
from baseline.event_loop import READ, WRITE, EventLoop

LINGER_SECONDS = 2.0


class Transport:
    """The sockets; what the bytes mean is for the subclass, in ``received`` and ``lost``."""

    backlog = 1024
    read_bytes = 65_536
    eager_bytes = 131_072  # so much waiting for one client is sent at once, not at the end of the round
    pending_bytes = 1_048_576  # a client that leaves more than this unread is dropped
    stopping_seconds = 1.0  # when stopping, for clients that do not take what is left for them

    def __init__(self) -> None:
        self.loop = EventLoop()
        self.listener: socket.socket | None = None
        self.connections: dict[Connection, None] = {}
        self.unsent: dict[Connection, None] = {}
        self.overflowed: list[Connection] = []
        self.stopping = False

    # Starting

    def serve(self, host: str, port: int) -> None:
        """Listen, say so on standard output, and serve until SIGTERM or SIGINT."""
        self.listener = self.open_listener(host, port)
        self.loop.on_signals(self.stop)
        self.loop.watch(self.listener, READ, self.accept)
        self.started()
        address = self.listener.getsockname()
        print(f"Listening on {address[0]}:{address[1]}", flush=True)  # noqa: T201  whoever started it waits for this line
        self.loop.run(self.settle)

    def open_listener(self, host: str, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.set_listener_options(listener)
        listener.bind((host, port))
        listener.listen(self.backlog)
        listener.settimeout(0)
        return listener

    def set_listener_options(self, listener: socket.socket) -> None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def started(self) -> None:
        """For a subclass: listening, nobody accepted yet."""

    # Connections

    def accept(self, _: int = 0) -> None:
        for _attempt in range(64):
            try:
                sock, _address = self.listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    raise
                self.loop.watch(self.listener, 0, self.accept)
                self.loop.call_later(0.1, self.accept_again)
                return
            self.accepted(sock)

    def accept_again(self) -> None:
        if not self.stopping:
            self.loop.watch(self.listener, READ, self.accept)

    def accepted(self, sock: socket.socket) -> None:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        self.connections[connection] = None
        self.watch(connection)
        self.connected(connection)

    def connected(self, connection: Connection) -> None:
        """For a subclass: a new client, that has sent nothing yet."""

    def watch(self, connection: Connection) -> None:
        events = (0 if connection.ended else READ) | (WRITE if connection.outbox else 0)
        if events != connection.watched and not connection.closed:
            connection.watched = events
            self.loop.watch(connection.sock, events, lambda ready: self.ready(connection, ready))

    def ready(self, connection: Connection, events: int) -> None:
        if events & WRITE and not connection.closed:
            self.flush(connection)
        if events & READ and not connection.closed and not connection.ended:
            self.read(connection)

    # Reading

    def read(self, connection: Connection) -> None:
        try:
            data = self.receive(connection)
        except BlockingIOError:
            return
        except OSError:
            self.was_reset(connection)
            return
        if not data:
            self.reached_end(connection)
        elif not connection.finishing:
            self.received(connection, data)

    def receive(self, connection: Connection) -> bytes:
        return connection.sock.recv(self.read_bytes)

    def received(self, connection: Connection, data: bytes) -> None:
        """For a subclass: bytes, as the system gave them."""

    def reached_end(self, connection: Connection) -> None:
        connection.ended = True
        self.drop(connection)
        if connection.shut:
            self.close(connection)

    def was_reset(self, connection: Connection) -> None:
        self.lost(connection)
        self.close(connection)

    def lost(self, connection: Connection) -> None:
        """For a subclass: the client is gone; it may still be sent what is already queued."""

    # Sending

    def send_bytes(self, connection: Connection, data: bytes) -> None:
        """Queue; what a round has queued leaves at its end, in one piece."""
        if connection.finishing or connection.deaf or connection.closed:
            return
        connection.outbox += data
        self.unsent[connection] = None
        if len(connection.outbox) > self.eager_bytes:
            self.flush(connection)
            self.limit_outbox(connection)

    def limit_outbox(self, connection: Connection) -> None:
        if len(connection.outbox) > self.pending_bytes:
            connection.deaf = True
            # It leaves between two rounds: a leave notice inside another delivery would break the common order.
            self.overflowed.append(connection)

    def settle(self) -> None:
        while self.overflowed:
            self.was_reset(self.overflowed.pop())
        while self.unsent:
            self.flush(self.unsent.popitem()[0])

    def flush(self, connection: Connection) -> None:
        try:
            while connection.outbox and not connection.closed:
                sent = self.transmit(connection)
                del connection.outbox[:sent]
        except BlockingIOError:
            pass
        except OSError:
            # It takes nothing more, but what it sent before may still be unread.
            connection.deaf = True
            connection.outbox.clear()
        if connection.finishing and not connection.outbox:
            self.shut_down(connection)
        self.watch(connection)

    def transmit(self, connection: Connection) -> int:
        return connection.sock.send(connection.outbox)

    # Ending

    def drop(self, connection: Connection) -> None:
        """End the stream of a client that may still send: it is as good as gone."""
        self.lost(connection)
        self.finish(connection)

    def finish(self, connection: Connection) -> None:
        """End the stream once all that is queued is sent; the peer sees the end of the stream, not a reset."""
        if not connection.finishing and not connection.closed:
            connection.finishing = True
            self.unsent[connection] = None

    def shut_down(self, connection: Connection) -> None:
        if not connection.shut and not connection.closed:
            connection.shut = True
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_WR)
            # Closing with unread bytes would reset the connection, so the peer's end is awaited.
            self.loop.call_later(LINGER_SECONDS, lambda: self.close(connection))
        if connection.ended:
            self.close(connection)

    def close(self, connection: Connection) -> None:
        if connection.closed:
            return
        self.loop.watch(connection.sock, 0, lambda _: None)
        connection.closed = True
        connection.sock.close()
        del self.connections[connection]
        if self.stopping and not self.connections:
            self.loop.running = False

    # Stopping

    def stop(self) -> None:
        """End every connection in order, then leave the loop."""
        if self.stopping:
            return
        self.stopping = True
        self.close_listener()
        self.say_goodbye()
        self.end_connections()
        self.loop.running = bool(self.connections)

    def close_listener(self) -> None:
        # A client that waits to be accepted would be reset.
        self.accept()
        self.loop.watch(self.listener, 0, lambda _: None)
        self.listener.close()

    def say_goodbye(self) -> None:
        """For a subclass: a last word to the clients."""

    def end_connections(self) -> None:
        for connection in self.connections:
            self.finish(connection)
        self.loop.call_later(self.stopping_seconds, self.cut_short)

    def cut_short(self) -> None:
        for connection in list(self.connections):
            connection.outbox.clear()
            self.shut_down(connection)

    # The operator

    def complain(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201  an operator reads it
