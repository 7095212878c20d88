"""All connections, each with the thread that reads it, and the ends that the server puts to them."""

import threading
import time
from collections.abc import Callable

from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.options import ServerOptions

_STACK_BYTES = 512 * 1024
"""Of a client's thread; the deepest nesting that a frame can hold needs about a third of it."""

_stack_lock = threading.Lock()


class Connections:
    """The connections from their accept to their close. Its methods may be called from any thread."""

    def __init__(self, chat: Chat, fan_out: FanOut, options: ServerOptions) -> None:
        self._chat = chat
        self._fan_out = fan_out
        self._options = options
        self._threads: dict[Connection, threading.Thread] = {}
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Return how many there are, joined or not."""
        return len(self._threads)

    def start(self, connection: Connection, handle: Callable[[Connection], None]) -> None:
        """Start the thread of a connection, which calls ``handle``; that calls :meth:`forget` in the end.

        Raises:
            RuntimeError: if the system has no thread left.
        """
        with _stack_lock:  # the size is a setting of the whole process
            before = threading.stack_size(_STACK_BYTES)
            try:
                thread = threading.Thread(target=handle, args=(connection,), daemon=True)
                with self._changed:
                    self._threads[connection] = thread
                thread.start()
            finally:
                threading.stack_size(before)

    def forget(self, connection: Connection) -> None:
        """Close a connection that has ended, or that could not be started."""
        self._fan_out.release(connection.outbox)
        with self._changed:
            self._threads.pop(connection, None)
            self._changed.notify_all()

    def wait_until_one_ends(self, timeout: float) -> None:
        """Wait until a connection is closed, for at most ``timeout`` seconds."""
        with self._changed:
            self._changed.wait(timeout)

    def wait_until_none(self, timeout: float) -> bool:
        """Wait until all connections are closed, for at most ``timeout`` seconds; return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads, timeout)

    def end(self, connection: Connection, reason: str, farewell: str = "") -> None:
        """End a connection in order. Its thread reads on until the peer closes too, or it is cut; then it cleans up."""
        connection.cut_at = time.monotonic() + self._options.linger_seconds
        self._chat.leave(connection, reason, farewell=farewell)

    def end_overdue(self, now: float) -> None:
        """End those that took too long to join, or over a frame; cut those that took too long over their end."""
        with self._changed:
            connections = tuple(self._threads)
        for connection in connections:
            if connection.cut_at is not None:
                if now > connection.cut_at:
                    connection.outbox.cut()
            elif not connection.username and now - connection.connected_at > self._options.join_seconds:
                self.end(connection, "it did not join in time")
            elif (began := connection.frame_began_at) and now - began > self._options.half_frame_seconds:
                self.end(connection, "it did not finish a frame in time")

    def end_all(self) -> None:
        """End every connection; those that do not close by themselves are cut when the time is up."""
        with self._changed:
            connections = tuple(self._threads.items())
        for connection, _ in connections:
            self._chat.leave(connection, "the server stopped")
        deadline = time.monotonic() + self._options.stop_seconds
        self.wait_until_none(self._options.stop_seconds / 3)
        for connection, _ in connections:  # these have got everything, and keep their end open
            if not connection.outbox.pending:
                connection.outbox.cut()
        self.wait_until_none(deadline - time.monotonic())
        for connection, _ in connections:
            connection.outbox.cut()
        for _, thread in connections:
            thread.join()
