"""What the thread of one connection does: it reads to the end of the stream, and has each frame answered."""

import time

from chatproof_common.system.waiting import is_readable
from chatproof_reference.server import sockets
from chatproof_reference.server.backlog import Backlog
from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.events import EventKind, Events
from chatproof_reference.server.requests import understand
from chatproof_reference.wire import Frame, FrameReader
from chatproof_schemas import CLIENT_FRAME_BYTES

_PAUSE_SECONDS = 0.1
"""How long a peer that ends its frames with no LF must be silent for a frame to end."""


class ClientHandler:
    """Handles every connection of a server; it holds nothing of any of them."""

    def __init__(self, chat: Chat, backlog: Backlog, events: Events, linger_seconds: float) -> None:
        """Route to ``chat``; ``linger_seconds``: how long a stream that the server ended may take to be read."""
        self._chat = chat
        self._backlog = backlog
        self._events = events
        self._linger_seconds = linger_seconds

    def handle(self, connection: Connection) -> None:
        """Read a connection to its end, and end its part in the chat."""
        reason = "it went in the middle of a fault"
        try:
            reason = self._converse(connection)
        except ConnectionError:
            reason = "the connection was lost"
        except OSError as error:
            reason = f"the connection failed: {error.strerror}"
        except Exception as error:  # noqa: BLE001  a fault of ours may cost this connection, never the server
            reason = self._report_fault(error)
        finally:
            if fault := connection.outbox.fault:
                reason = self._report_fault(fault)
            elif connection.outbox.was_cut:  # by its own bound: whoever else cuts it has said why before
                reason = "it stopped reading"
            self._chat.leave(connection, connection.ended_because or reason)
            connection.outbox.wait_until_ended(self._linger_seconds)

    def _report_fault(self, fault: Exception) -> str:
        self._events.emit(EventKind.TROUBLE, text=f"{type(fault).__name__}: {fault}")
        return "a fault of the server"

    def _converse(self, connection: Connection) -> str:
        client, reader = connection.socket, FrameReader(CLIENT_FRAME_BYTES, takes_unended=True)
        while True:
            data = b""
            if reader.awaits_pause and not is_readable(client, _PAUSE_SECONDS):
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
            self._backlog.ease(len(data))

    def _answer(self, connection: Connection, frames: list[Frame]) -> None:
        if frames and not connection.over:  # what arrives after we have ended the stream is read and dropped
            self._chat.handle(connection, [understand(frame, self._chat.members) for frame in frames])
            if connection.over:  # the server is full
                connection.cut_at = time.monotonic() + self._linger_seconds

    def _time_frame(self, connection: Connection, reader: FrameReader, frames: list[Frame]) -> None:
        if not reader.in_frame:
            connection.frame_began_at = None
        elif frames or connection.frame_began_at is None:
            connection.frame_began_at = time.monotonic()
