"""What the thread of one connection does: it reads to the end of the stream, and has each frame answered.

It goes by turns, so that nobody is served while others starve: a turn takes at most so many bytes and frames, and who
sends much takes one turn after each of the others who do. Between turns it looks at whether it is to go on at all.
"""

import time
from collections.abc import Callable, Iterator

from chatproof_common.system.waiting import is_readable
from chatproof_reference.server import sockets
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.connections import VANISHED
from chatproof_reference.server.events import EventKind, Events
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.ordering import Log
from chatproof_reference.server.requests import Refused, Request, judge, read_requests, recognise
from chatproof_reference.server.turnstile import Turnstile
from chatproof_reference.wire import Frame, FrameReader
from chatproof_schemas import CLIENT_FRAME_BYTES

_PAUSE_SECONDS = 0.1
"""How long a peer that ends its frames with no LF must be silent for a frame to end."""

_MUCH_BYTES = 16 * 1024
"""Whoever has sent more at once sends much."""
_TURN_FRAMES = 1024
"""One turn takes at most so many frames, and causes at most 256 KiB of answers."""
_PIECES = (64 * 1024, _MUCH_BYTES, 1024)
"""What is cut into frames at once: the first of these sizes with no more frames than a turn takes, or the last."""
_UNENDED_BYTES = 8 * 1024
"""Read at once of who ends its frames with no LF: it is cut as a whole, into thousands of frames at worst."""
_TURN_JUDGED = 16
"""Frames of one turn that are refused: to say why takes ten times as long as to recognise a frame, or more."""
_JUDGED_AT_ONCE, _JUDGED_PER_SECOND = 32, 100
"""Whoever has more of them refused sends much too."""
_LITTLE_BYTES = 1024
"""So much may be said in a turn whoever is behind: among many private messages, say."""
_UNREAD_BYTES = 64 * 1024
"""Who sends much is read no further while more than this waits for it."""


class ClientHandler:
    """Handles every connection of a server; it holds nothing of any of them."""

    def __init__(
        self, log: Log, fan_out: FanOut, events: Events, linger_seconds: float, is_stopping: Callable[[], bool]
    ) -> None:
        """Ask the log; ``linger_seconds``: how long a stream that the server ended may take to be read."""
        self._log = log
        self._fan_out = fan_out
        self._events = events
        self._linger_seconds = linger_seconds
        self._is_stopping = is_stopping
        self._turnstile = Turnstile()

    def handle(self, connection: Connection) -> None:
        """Read a connection to its end, and end its part in the chat."""
        reason = "it went in the middle of a fault"
        try:
            reason = self._converse(connection)
        except ConnectionError:
            reason = "the connection was lost"
        except TimeoutError:
            reason = VANISHED
        except OSError as error:
            reason = f"the connection failed: {error.strerror}"
        except Exception as error:  # noqa: BLE001  a fault of ours may cost this connection, never the server
            reason = self._report_fault(error)
        finally:
            if fault := connection.outbox.fault:
                reason = self._report_fault(fault)
            elif connection.outbox.was_cut:  # by its own bound: whoever else cuts it has said why before
                reason = "it read too slowly" if connection.outbox.reads_slowly else "it stopped reading"
            self._log.end(connection, connection.ended_because or reason)
            connection.outbox.wait_until_ended(self._linger_seconds)

    def _report_fault(self, fault: Exception) -> str:
        self._events.emit(EventKind.TROUBLE, text=f"{type(fault).__name__}: {fault}")
        return "a fault of the server"

    def _converse(self, connection: Connection) -> str:
        client, reader = connection.socket, FrameReader(CLIENT_FRAME_BYTES, takes_unended=True)
        while True:
            if reader.awaits_pause and not is_readable(client, _PAUSE_SECONDS):
                frames = reader.pause()
                connection.outbox.send_one_at_a_time()
                self._answer(connection, frames)
                self._time_frame(connection, reader, has_new=bool(frames))
            elif data := sockets.receive(client, _most_bytes(connection, reader)):
                self._take(connection, reader, data)
            else:
                self._answer(connection, reader.end())  # LEAVE-6
                return "it ended the connection"
            if connection.outbox.was_cut:
                return "it was cut"

    def _take(self, connection: Connection, reader: FrameReader, data: bytes) -> None:
        """Answer what has come, by turns; what comes after we have ended the stream is read and dropped."""
        began, connection.frame_began_at = connection.frame_began_at, None  # how long we take is not its fault
        if len(data) <= _PIECES[-1] and not reader.sends_no_lf:  # nearly always
            frames = reader.feed(data)
            self._answer(connection, frames)
            connection.frame_began_at = began
            self._time_frame(connection, reader, has_new=bool(frames))
            return
        sends_much = len(data) > _MUCH_BYTES or (reader.sends_no_lf and len(data) == _UNENDED_BYTES)
        has_new = False
        for piece in _pieces(data):
            if connection.over:
                with self._turnstile:  # so that many who send on cannot delay the end of each other, or of the server
                    return
            if frames := self._cut(reader, piece, sends_much=sends_much):
                has_new = True
                self._answer(connection, frames, sends_much=sends_much)
        connection.frame_began_at = began
        self._time_frame(connection, reader, has_new=has_new)

    def _cut(self, reader: FrameReader, piece: bytes, *, sends_much: bool) -> list[Frame]:
        """Cut a piece into frames, which takes a while if they are short; of many who do so, one at a time."""
        if reader.is_skipping or (sends_much and (len(piece) <= _PIECES[-1] or reader.sends_no_lf)):
            with self._turnstile:  # what is nothing but blank lines, or more of an overlong frame, has no other turn
                return reader.feed(piece)
        return reader.feed(piece)

    def _answer(self, connection: Connection, frames: list[Frame], *, sends_much: bool = False) -> None:
        if not sends_much and not connection.judged and self._answer_valid(connection, frames):
            return
        while frames and not (connection.over or connection.outbox.was_cut or self._is_stopping()):
            if not sends_much and not (connection.judged and _judges_much(connection)):
                requests, taken = self._understand(connection, frames)
                self._log.ask(connection, requests)
            else:
                connection.outbox.wait_for_room(_UNREAD_BYTES)
                with self._turnstile:
                    if _judges_much(connection):
                        self._fan_out.wait_until_sent()
                    requests, taken = self._understand(connection, frames)
                    said = self._log.ask(connection, requests)
                    self._fan_out.backlog.ease(said - _LITTLE_BYTES, lambda: connection.over or self._is_stopping())
            frames = frames[taken:] if taken < len(frames) else []
        if connection.over and connection.cut_at is None:  # the server is full
            connection.cut_at = time.monotonic() + self._linger_seconds

    def _answer_valid(self, connection: Connection, frames: list[Frame]) -> bool:
        """Answer frames that are all valid, as quickly as can be; return whether they are such."""
        if connection.over or connection.outbox.was_cut:
            return False
        requests = read_requests(frames, self._log.names, connection.templates)
        if requests:
            self._log.ask(connection, requests)
        return requests is not None

    def _understand(self, connection: Connection, frames: list[Frame]) -> tuple[list[Request], int]:
        """Return what the first frames ask for, as many as belong into one turn, and how many frames these are."""
        names = self._log.names
        if not connection.judged and (valid := read_requests(frames, names, connection.templates)):
            return valid, len(frames)
        requests: list[Request] = []
        judged = 0
        for frame in frames:
            request = recognise(frame, names) or judge(frame)
            judged += isinstance(request, Refused)
            requests.append(request)
            if judged >= _TURN_JUDGED:
                break
        if judged:
            _count_judged(connection, judged)
        return requests, len(requests)

    def _time_frame(self, connection: Connection, reader: FrameReader, *, has_new: bool) -> None:
        if not reader.in_frame:
            connection.frame_began_at = None
        elif has_new or connection.frame_began_at is None:
            connection.frame_began_at = time.monotonic()


def _most_bytes(connection: Connection, reader: FrameReader) -> int:
    """Return how much is read at once."""
    if reader.sends_no_lf:
        return _UNENDED_BYTES
    return _MUCH_BYTES if _judges_much(connection) else sockets.READ_BYTES


def _pieces(data: bytes, sizes: tuple[int, ...] = _PIECES) -> Iterator[bytes]:
    """Cut what was read into what is cut into frames at once, at any byte; each byte is looked at once a size."""
    size, *smaller = sizes
    for begin in range(0, len(data), size):
        piece = data[begin : begin + size]
        if smaller and len(piece) > smaller[-1] and piece.count(b"\n") > _TURN_FRAMES:
            yield from _pieces(piece, tuple(smaller))
        else:
            yield piece


def _judges_much(connection: Connection) -> bool:
    """Whether many of a connection's frames had to be judged, and refused, of late."""
    if connection.judged <= _JUDGED_AT_ONCE:
        return False
    _count_judged(connection, 0)
    return connection.judged > _JUDGED_AT_ONCE


def _count_judged(connection: Connection, judged: int) -> None:
    now = time.monotonic()
    forgotten = (now - connection.judged_at) * _JUDGED_PER_SECOND
    connection.judged = max(0.0, connection.judged - forgotten) + judged
    connection.judged_at = now
