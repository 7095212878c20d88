"""From events to connections, each with the frames that its client sent and the frames that it received."""

from collections.abc import Sequence

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import JSON_SPACE, Reading, read_client_frame
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_conformance.wire.framing import LineSplitter, ObjectSplitter, frame_splitter, is_blank
from chatproof_schemas import CLIENT_FRAME_BYTES, FrameRefused, decode_frame
from chatproof_schemas.transcript import Event, Framing, Kind

_ENDS = (Kind.HALF_CLOSE, Kind.CLOSE, Kind.RESET)
_SERVER_ENDS = (Kind.SERVER_CLOSE, Kind.SERVER_RESET)
_BLANK = Reading((), refusable=True, requirement="FRAME-7")
_CUT_OFF = Reading((), refusable=True, requirement="ERROR-1")


def read_connections(
    events: Sequence[Event], framing: Framing, collector: FindingCollector
) -> list[RecordedConnection]:
    """Split every connection's bytes into frames; report what breaks FRAME-1 and FRAME-8."""
    readers: dict[str, _Reader] = {}
    every: list[_Reader] = []
    for index, event in enumerate(events):
        if event.kind in (Kind.ANNOUNCE, Kind.NOTE):
            continue
        reader = readers.get(event.connection)
        if reader is None or (event.kind is Kind.OPEN and reader.began):
            reader = readers[event.connection] = _Reader(RecordedConnection(event.connection), framing, collector)
            every.append(reader)
        reader.take(index, event)
    for reader in every:
        reader.finish()
    return [reader.connection for reader in every]


class _Reader:
    """Reads the events of one connection."""

    def __init__(self, connection: RecordedConnection, framing: Framing, collector: FindingCollector) -> None:
        self.connection = connection
        self.began = False
        self._lines = framing == "lf"
        self._collector = collector
        self._pieces: list[tuple[int, bytes]] = []
        self._sent = LineSplitter(keep_blank=True)
        self._received = frame_splitter(framing)
        self._received_at = 0

    def take(self, index: int, event: Event) -> None:
        self.began = True
        connection = self.connection
        if event.kind is Kind.CLIENT_DATA:
            self._take_sent(index, event.data)
        elif event.kind is Kind.SERVER_DATA:
            self._received_at = index
            for frame in self._received.feed(event.data):
                self._add_received(index, frame)
        elif event.kind in _ENDS and connection.end is None:
            connection.ended, connection.end = index, event.kind
        elif event.kind is Kind.RESET and connection.end is Kind.HALF_CLOSE:
            # It did not read to the end after all: the server may lose to the reset what was sent before the end.
            connection.end = Kind.CLOSE
        elif event.kind in _SERVER_ENDS and connection.server_end is None:
            connection.server_ended, connection.server_end = index, event.kind

    def finish(self) -> None:
        if not all(is_blank(piece) for _, piece in self._pieces):
            self._add_tail()
        if not self._lines and not self._received.rest.startswith(b"{"):
            # Whatever follows, it becomes no object; and a number has no end of its own.
            for frame in self._received.give_up():
                self._add_received(self._received_at, frame)
        cut_off = self._lines and self.connection.server_end is Kind.SERVER_CLOSE
        if cut_off and _is_ended_otherwise(self._received.rest):
            # A frame that was cut off by the end is no frame; a whole one lacks its LF.
            self._unreadable(self.connection.server_ended, "an object with no LF after it")

    def _take_sent(self, index: int, data: bytes) -> None:
        # With framing ``none`` each event of a client is a frame with no LF.
        ends = self._sent.feed(data if self._lines else data + b"\n")
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
        sent.number = len(self.connection.sent)
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
        reading = read_client_frame(frame) if _is_object(frame) else _CUT_OFF
        self._append(SentFrame(self.connection, self._last_index(), frame, reading, optional=True, sure=False))

    def _add_received(self, index: int, line: bytes) -> None:
        frame, connection = read_server_frame(line), self.connection
        self._collector.evidence.update(("FRAME-1", "FRAME-8"))
        received = ReceivedFrame(connection, len(connection.received), index, frame)
        connection.received.append(received)
        if frame.unreadable:
            self._unreadable(index, f"{frame.unreadable}: {quoted(line.decode('utf-8', 'replace'))}", line)
        if frame.invalid:
            expected = "messages that are valid against the schema of their type"
            self._collector.report_received("FRAME-8", received, expected, frame.invalid)
        if frame.kind is MessageKind.NOTHING:
            connection.unreadable.append(index)

    def _unreadable(self, index: int, actual: str, *frames: bytes) -> None:
        expected = "frames that are one JSON object in UTF-8 each, ended by LF, at most 8192 bytes"
        self._collector.report("FRAME-1", self.connection.label, expected, actual, index, *frames)


def _is_object(piece: bytes) -> bool:
    text = piece.strip(JSON_SPACE)
    if text[:1] != b"{" or text[-1:] != b"}":
        return False
    try:
        return isinstance(decode_frame(text), dict)
    except FrameRefused:
        return read_client_frame(text).requirement in ("ERROR-7", "ERROR-8")


def _is_ended_otherwise(rest: bytes) -> bool:
    """Whether what stands after the last LF begins with a whole object, also if something else follows."""
    frames = ObjectSplitter().feed(rest)
    return bool(frames) and frames[0].startswith(b"{")
