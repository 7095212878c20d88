"""From events to connections, each with the frames that its client sent and the frames that it received."""

from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.judges.server.client_frames import JSON_SPACE, Reading, read_client_frame
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame, read_server_frame
from chatproof_conformance.wire.framing import LineSplitter, ObjectSplitter, frame_splitter, is_blank
from chatproof_schemas import CLIENT_FRAME_BYTES, SERVER_FRAME_BYTES, FrameRefused, decode_frame
from chatproof_schemas.transcript import Event, Framing, Kind

_ENDS = (Kind.HALF_CLOSE, Kind.CLOSE, Kind.RESET)
_SERVER_ENDS = (Kind.SERVER_CLOSE, Kind.SERVER_RESET)
_STILL = 0.3
"""Seconds with nothing more at the end of a settled recording by which the LF of a frame would have arrived, too."""
_CROSSED = 1.0
"""Seconds within which the end of a line and the end of its connection may have crossed each other."""
_BLANK = Reading((), refusable=True, requirement="FRAME-7")
_CUT_OFF = Reading((), refusable=True, requirement="ERROR-1")


def read_connections(events: Sequence[Event], framing: Framing, *, settled: bool) -> list[RecordedConnection]:
    """Split every connection's bytes into frames."""
    readers: dict[str, _Reader] = {}
    every: list[_Reader] = []
    for index, event in enumerate(events):
        if event.kind in (Kind.ANNOUNCE, Kind.NOTE):
            continue
        reader = readers.get(event.connection)
        if reader is None or event.kind is Kind.OPEN:
            reader = readers[event.connection] = _Reader(event, framing)
            every.append(reader)
        reader.take(index, event)
    for reader in every:
        reader.finish(events[-1], settled=settled)
        connection = reader.connection
        if connection.ended != FOREVER:
            connection.since = events[-1].time - events[connection.ended].time
        if connection.server_ended != FOREVER:
            ended = events[connection.server_ended].time
            connection.age, connection.silence = ended - reader.began, ended - reader.last
            began = reader.line_began if reader.line_began is not None else reader.late_line(ended)
            connection.unended = 0.0 if began is None else ended - began
    return [reader.connection for reader in every]


class _Reader:
    """Reads the events of one connection."""

    def __init__(self, first: Event, framing: Framing) -> None:
        self.connection = RecordedConnection(first.connection)
        self.began = self.last = self.said = first.time
        self.line_began: float | None = None
        self._last_line: tuple[float, float] | None = None
        self._lines = framing == "lf"
        self._pieces: list[tuple[int, bytes]] = []
        self._sent = LineSplitter(keep_blank=True)
        self._received = frame_splitter(framing)
        self._received_at, self._received_time = 0, first.time

    def take(self, index: int, event: Event) -> None:
        connection = self.connection
        if event.kind in (Kind.CLIENT_DATA, Kind.SERVER_DATA):
            self.last = event.time
        if event.kind is Kind.CLIENT_DATA:
            self.said = event.time
            self._take_sent(index, event.data)
            self._time_line(event)
        elif event.kind is Kind.SERVER_DATA:
            self._received_at, self._received_time = index, event.time
            for frame in self._received.feed(event.data):
                self._add_received(index, frame)
        elif event.kind in _ENDS and connection.end is None:
            connection.ended, connection.end = index, event.kind
            connection.farewell = event.time - self.said
        elif event.kind is Kind.RESET and connection.end is Kind.HALF_CLOSE:
            # It did not read to the end after all: the server may lose to the reset what was sent before the end.
            connection.end = Kind.CLOSE
        elif event.kind in _SERVER_ENDS and connection.server_end is None:
            connection.server_ended, connection.server_end = index, event.kind

    def _time_line(self, event: Event) -> None:
        """Know since when a line has not ended, and when the last one was."""
        if not any(rest.strip() for _, rest in self._pieces):
            if self.line_began is not None:
                self._last_line = self.line_began, event.time
            self.line_began = None
        elif self.line_began is None or b"\n" in event.data:
            self.line_began = event.time

    def late_line(self, server_ended: float) -> float | None:
        """Return when a line began that was ended when the server may just have lost patience; None if none was."""
        began, ended = self._last_line or (0.0, -_CROSSED)
        return began if server_ended - ended < _CROSSED else None

    def finish(self, last: Event, *, settled: bool) -> None:
        """Read what has no end; ``settled`` if no end will come."""
        waited = settled and self.connection.open and last.time - self._received_time >= _STILL
        if not all(is_blank(piece) for _, piece in self._pieces):
            self._add_tail()
        if not self._lines and not self._received.rest.startswith(b"{"):
            # Whatever follows, it becomes no object; and a number has no end of its own.
            for frame in self._received.give_up():
                self._add_received(self._received_at, frame)
        rest = self._received.rest if self._lines else b""
        # Whoever ends first may cut a server off anywhere, also between an object and its LF.
        cut_off = self.connection.end is not None and _is_object(rest)
        ended = waited or (self.connection.server_end is Kind.SERVER_CLOSE and not cut_off)
        if len(rest) > SERVER_FRAME_BYTES and not is_blank(rest):
            self._append_received(self._received_at, read_server_frame(rest))
        elif ended and not self._add_joined(self._received_at, rest, ended=False) and _begins_with_object(rest):
            # A frame that was cut off by the end is no frame; a whole one lacks its LF, or has something else there.
            self._append_received(self._received_at, read_server_frame(rest), unended=True)

    def _take_sent(self, index: int, data: bytes) -> None:
        # With framing ``none`` each event of a client is a frame with no LF.
        ends = self._sent.feed(data) if self._lines else [data]
        for piece in ends:
            self._pieces.append((index, piece))
            self._add_sent(shared=len(ends) > 1)
            self._pieces.clear()
        if rest := self._sent.take_rest():
            self._pieces.append((index, rest))

    def _add_sent(self, *, shared: bool) -> None:
        frame = b"".join(chunk for _, chunk in self._pieces)
        if is_blank(frame):
            if frame or self._lines:
                reading = _BLANK if len(frame) <= CLIENT_FRAME_BYTES else read_client_frame(frame)
                self._append(SentFrame(self.connection, self._pieces[-1][0], frame, reading, optional=True))
            return
        sent = SentFrame(self.connection, self._last_index(), frame, read_client_frame(frame), shared=shared)
        if len(self._pieces) > 1:
            sent.split, sent.pieces = True, self._objects_of_pieces()
        self._append(sent)

    def _append(self, sent: SentFrame) -> None:
        sent.number = sent.line = len(self.connection.sent)
        for piece in sent.pieces:
            piece.line = sent.line
        self.connection.sent.append(sent)

    def _last_index(self) -> int:
        """Return the event before which the frame was not handled: it may be refused as soon as it is too long."""
        size = 0
        for index, chunk in self._pieces:
            size += len(chunk)
            if size > CLIENT_FRAME_BYTES:
                return index
        return next(index for index, chunk in reversed(self._pieces) if not is_blank(chunk))

    def _objects_of_pieces(self) -> list[SentFrame]:
        """Return the frames of a line as a server reads them that takes an object at the end of what it has read."""
        found: list[SentFrame] = []
        pending: list[bytes] = []
        splitter = ObjectSplitter()
        for index, chunk in self._pieces:
            pending.append(chunk)
            ends_here = splitter.feed(chunk) and not splitter.rest
            if ends_here and _is_object(part := b"".join(pending)):
                found.append(SentFrame(self.connection, index, part, read_client_frame(part)))
                pending.clear()
        part = b"".join(pending)
        if found and not is_blank(part):
            found.append(SentFrame(self.connection, self._pieces[-1][0], part, read_client_frame(part)))
        elif len(found) == 1:
            return []
        return found

    def _add_tail(self) -> None:
        """Add what stands after the last LF: a server drops it, or handles it if it is complete."""
        frame = b"".join(chunk for _, chunk in self._pieces)
        reading = replace(read_client_frame(frame), refusable=True) if _is_object(frame) else _CUT_OFF
        self._append(SentFrame(self.connection, self._last_index(), frame, reading, optional=True, sure=False))

    def _add_received(self, index: int, line: bytes) -> None:
        frame = read_server_frame(line)
        if not (frame.unreadable and self._lines and self._add_joined(index, line, ended=True)):
            self._append_received(index, frame)

    def _append_received(self, index: int, frame: ServerFrame, *, unended: bool = False) -> None:
        received = self.connection.received
        received.append(ReceivedFrame(self.connection, len(received), index, frame, unended=unended))
        if frame.kind is MessageKind.NOTHING:
            self.connection.unreadable.append(index)

    def _add_joined(self, index: int, line: bytes, *, ended: bool) -> bool:
        """Add the messages that follow each other with no LF, if a line consists of such; return whether it does."""
        splitter = ObjectSplitter()
        frames = [read_server_frame(part) for part in splitter.feed(line)]
        if any(frame.unreadable for frame in frames) or len(frames) <= ended or (ended and splitter.rest.strip()):
            return False
        for frame in frames:
            self._append_received(index, frame, unended=not ended or frame is not frames[-1])
        return True


def _begins_with_object(rest: bytes) -> bool:
    return any(not read_server_frame(part).unreadable for part in ObjectSplitter().feed(rest)[:1])


def _is_object(piece: bytes) -> bool:
    text = piece.strip(JSON_SPACE)
    if text[:1] != b"{" or text[-1:] != b"}":
        return False
    try:
        return isinstance(decode_frame(text), dict)
    except FrameRefused:
        return read_client_frame(text).requirement in ("ERROR-7", "ERROR-8")
