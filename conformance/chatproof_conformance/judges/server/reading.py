"""From events to connections, each with the frames that its client sent and the frames that it received."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import JSON_SPACE, Asked, Reading, Verb, read_client_frame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame, read_server_frame
from chatproof_conformance.wire.framing import LineSplitter, ObjectSplitter, frame_splitter, is_blank
from chatproof_schemas import CLIENT_FRAME_BYTES, FrameRefused, decode_frame
from chatproof_schemas.transcript import Event, Framing, Kind

ENDS = (Kind.HALF_CLOSE, Kind.CLOSE, Kind.RESET)
SERVER_ENDS = (Kind.SERVER_CLOSE, Kind.SERVER_RESET)
BLANK = Reading((), refusable=True, requirement="FRAME-7")
FOREVER = 1 << 60


@dataclass(slots=True, eq=False)
class SentFrame:
    """A frame that a client sent.

    Attributes:
        connection: which connection it went over.
        number: its place among the connection's frames.
        at: index of the event before which it was not handled: the one with its last byte that is not white space, or
            with the byte that makes it too long.
        frame: its bytes, without LF.
        reading: what SPEC.md makes of it.
        optional: whether a server may drop it: a blank line, or what stands after the last LF.
        split: whether it was sent in several pieces (FRAME-2).
        shared: whether a piece held other frames too (FRAME-3).
        pieces: the frames that a server reads here that takes a complete object with no LF; else empty.
        answer: what the server answered.
        asked: the message that the server took it for, None where it refused it or nothing is known.
        by: index of an event by which it was handled, FOREVER where unknown.
        sure: whether a server must have handled it, or will: it was answered, or nothing excuses its loss.
    """

    connection: "RecordedConnection"
    number: int
    at: int
    frame: bytes
    reading: Reading
    optional: bool = False
    split: bool = False
    shared: bool = False
    pieces: "list[SentFrame]" = field(default_factory=list)
    answer: "ReceivedFrame | None" = None
    asked: Asked | None = None
    by: int = FOREVER
    sure: bool = True


@dataclass(slots=True, eq=False)
class ReceivedFrame:
    """A server's frame as it arrived at one connection.

    Attributes:
        connection: where.
        number: its place among the connection's frames.
        at: index of the event with its last byte.
        frame: what it says.
        cause: the sent frame that explains it, None where none does (yet).
        explained: whether something explains it.
        doubtful: whether something else may explain it too: another message with this content, a list of those present.
    """

    connection: "RecordedConnection"
    number: int
    at: int
    frame: ServerFrame
    cause: SentFrame | None = None
    explained: bool = False
    doubtful: bool = False

    @property
    def place(self) -> tuple[int, bytes]:
        """Its event and its bytes, as a finding names them."""
        return self.at, self.frame.data


@dataclass(slots=True, eq=False)
class RecordedConnection:
    """One connection of the recording.

    Attributes:
        label: the recorder's name for it.
        sent, received: its frames, in order.
        ended, end: index and kind of the event by which the client ended it; FOREVER and None where it did not. The
            kind is CLOSE where it reset the connection after an orderly end.
        server_ended: index of the event at which the client saw the server's end; FOREVER where it saw none.
        server_end: its kind.
        join: the frame that made it joined, None where it never was.
        notice: its own join notice.
        name: the name under which it joined, or may have joined.
        tries: where it is unknown whether it joined: the joins by which it may have; else empty.
    """

    label: str
    sent: list[SentFrame] = field(default_factory=list)
    received: list[ReceivedFrame] = field(default_factory=list)
    ended: int = FOREVER
    end: Kind | None = None
    server_ended: int = FOREVER
    server_end: Kind | None = None
    join: SentFrame | None = None
    notice: ReceivedFrame | None = None
    name: str | None = None
    tries: list[SentFrame] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    @property
    def doubtful(self) -> bool:
        """Whether it is unknown that it joined."""
        return bool(self.tries)

    @property
    def names(self) -> list[str]:
        """The names that it held or may have held."""
        tried = [sent.asked.name for sent in self.tries if sent.asked]
        return tried or ([] if self.name is None else [self.name])

    @property
    def open(self) -> bool:
        """Whether nobody ended it before the recording did."""
        return self.ended == FOREVER and self.server_ended == FOREVER


def read_connections(
    events: Sequence[Event], framing: Framing, collector: FindingCollector
) -> list[RecordedConnection]:
    """Split every connection's bytes into frames; report what breaks FRAME-1 and FRAME-8."""
    readers: dict[str, _Reader] = {}
    finished: list[_Reader] = []
    for index, event in enumerate(events):
        if event.kind in (Kind.ANNOUNCE, Kind.NOTE):
            continue
        reader = readers.get(event.connection)
        if reader is None or (event.kind is Kind.OPEN and reader.began):
            reader = readers[event.connection] = _Reader(RecordedConnection(event.connection), framing, collector)
            finished.append(reader)
        reader.take(index, event)
    for reader in finished:
        reader.finish()
    return [reader.connection for reader in finished]


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

    def take(self, index: int, event: Event) -> None:
        self.began = True
        connection = self.connection
        if event.kind is Kind.CLIENT_DATA:
            self._take_sent(index, event.data)
        elif event.kind is Kind.SERVER_DATA:
            for frame in self._received.feed(event.data):
                self._add_received(index, frame)
        elif event.kind in ENDS and connection.end is None:
            connection.ended, connection.end = index, event.kind
        elif event.kind is Kind.RESET and connection.end is Kind.HALF_CLOSE:
            # It did not read to the end after all: the server may lose to the reset what was sent before the end.
            connection.end = Kind.CLOSE
        elif event.kind in SERVER_ENDS and connection.server_end is None:
            connection.server_ended, connection.server_end = index, event.kind

    def finish(self) -> None:
        if not all(is_blank(piece) for _, piece in self._pieces):
            self._add_tail()
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
                reading = BLANK if len(frame) <= CLIENT_FRAME_BYTES else read_client_frame(frame)
                self._append(SentFrame(self.connection, 0, self._pieces[-1][0], frame, reading, optional=True))
            return
        split = len(self._pieces) > 1
        sent = SentFrame(
            self.connection, 0, self._last_index(), frame, read_client_frame(frame), split=split, shared=shared
        )
        if split:
            sent.pieces = self._objects_of_pieces()
        self._append(sent)

    def _append(self, sent: SentFrame) -> None:
        sent.number = len(self.connection.sent)
        self.connection.sent.append(sent)

    def _last_index(self) -> int:
        """Return the event before which the frame was not handled."""
        # A server may refuse a frame as soon as it is too long.
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
                found.append(SentFrame(self.connection, 0, index, part, read_client_frame(part)))
                pending.clear()
        part = b"".join(pending)
        if found and not is_blank(part):
            found.append(SentFrame(self.connection, 0, self._pieces[-1][0], part, read_client_frame(part)))
        elif len(found) == 1:
            return []
        return found

    def _add_tail(self) -> None:
        """Add what stands after the last LF: a server drops it, or handles it where it is complete."""
        frame = b"".join(chunk for _, chunk in self._pieces)
        whole = _is_object(frame)
        reading = read_client_frame(frame) if whole else Reading((), refusable=True, requirement="ERROR-1")
        sent = SentFrame(self.connection, 0, self._last_index(), frame, reading, optional=True, sure=False)
        self._append(sent)

    def _add_received(self, index: int, line: bytes) -> None:
        frame = read_server_frame(line)
        connection = self.connection
        self._collector.evidence["FRAME-1"] += 1
        self._collector.evidence["FRAME-8"] += 1
        connection.received.append(ReceivedFrame(connection, len(connection.received), index, frame))
        if frame.unreadable:
            self._unreadable(index, f"{frame.unreadable}: {quoted(line.decode('utf-8', 'replace'))}", line)
        if frame.invalid:
            expected = "messages that are valid against the schema of their type"
            self._collector.report("FRAME-8", connection.label, expected, frame.invalid, index, line)
        if frame.says is MessageKind.NOTHING:
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


def is_verb(sent: SentFrame, verb: Verb) -> bool:
    """Whether a frame may be taken for a message that asks for that."""
    return any(asked.verb is verb for asked in sent.reading.messages)
