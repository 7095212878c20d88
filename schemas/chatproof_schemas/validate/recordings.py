"""Takes the messages out of a recording (see ``transcript``), by connection and direction, in constant memory."""

import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from itertools import count

from chatproof_schemas.decoding import FrameRefused, decode_frame
from chatproof_schemas.limits import SERVER_FRAME_BYTES
from chatproof_schemas.schemas import Direction
from chatproof_schemas.transcript import LONGEST_LINE, Event, Framing, Kind, stream_transcript, too_long
from chatproof_schemas.validate.lines import Line

_LONGEST_HEADER = 65_536
_DIRECTIONS = {Kind.CLIENT_DATA: Direction.CLIENT, Kind.SERVER_DATA: Direction.SERVER}
_ENDS = {
    Kind.CLOSE: tuple(Direction),
    Kind.RESET: tuple(Direction),
    Kind.HALF_CLOSE: (Direction.CLIENT,),
    Kind.SERVER_CLOSE: (Direction.SERVER,),
    Kind.SERVER_RESET: tuple(Direction),
}
_SPACE = b" \t\r\n"
_SCANNER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a recording.

    Attributes:
        line: its bytes, and the number of the file's line in which it begins; not ``ended`` if no LF came.
        connection: the recorder's name for the connection.
        direction: whose frame it is.
    """

    line: Line
    connection: str
    direction: Direction


def read_head(stream: BufferedIOBase) -> tuple[bytes, bool]:
    """Read up to the end of the first line that is not blank; return it all, and whether it is a recording's header.

    Raises:
        OSError, EOFError, zlib.error: if the stream cannot be read.
    """
    head = b""
    while len(head) < _LONGEST_HEADER and b"\n" not in head.lstrip(_SPACE):
        data = stream.read1(4096)
        if not data:
            break
        head += data
    return head, _is_header(head.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE).partition(b"\n")[0])


def _is_header(line: bytes) -> bool:
    if b"chatproof" not in line:
        return False
    try:
        members = decode_frame(line)
    except FrameRefused:
        return False
    return isinstance(members, dict) and members.get("chatproof") == "transcript"


def read_frames(stream: BufferedIOBase, name: str, head: bytes) -> Iterator[Frame]:
    """Yield the frames of ``head`` and a stream, in the order in which they end.

    Raises:
        TranscriptError: if a line is not what the form asks for; the text names the file and the line.
        OSError, EOFError, zlib.error: if the stream cannot be read.
    """
    header, events = stream_transcript(_lines(stream, name, head), name)
    cutters: dict[tuple[str, Direction], _Cutter] = {}
    for number, event in events:
        direction = _DIRECTIONS.get(event.kind)
        if direction:
            key = (event.connection, direction)
            cutter = cutters.pop(key, None) or _Cutter(*key, header.framing)
            yield from cutter.take(number, event.data)
            # Most frames come whole: what holds nothing is not kept, however many connections there are.
            if cutter.held:
                cutters[key] = cutter
        for ended in _ended(event):
            if cutter_left := cutters.pop((event.connection, ended), None):
                yield from cutter_left.finish()
    for cutter in cutters.values():
        yield from cutter.finish()


def _ended(event: Event) -> Iterable[Direction]:
    return tuple(Direction) if event.kind is Kind.OPEN else _ENDS.get(event.kind, ())


def _lines(stream: BufferedIOBase, name: str, head: bytes) -> Iterator[bytes]:
    *lines, rest = head.split(b"\n")
    yield from lines
    for number in count(len(lines) + 1):
        line = rest + stream.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            raise too_long(name, number)
        if not line:
            return
        yield line
        rest = b""


class _Cutter:
    """Cuts the bytes of one connection and direction into frames; of a long one it holds no more than it needs."""

    def __init__(self, connection: str, direction: Direction, framing: Framing) -> None:
        self._connection = connection
        self._direction = direction
        self._framing = framing
        self._began = 0
        self._length = 0
        self.held = b""

    def take(self, number: int, data: bytes) -> Iterator[Frame]:
        """Take the bytes of an event at a line of the file, and yield the frames that they end."""
        if self._framing == "none" and self._direction is Direction.CLIENT:
            data += b"\n"
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._hold(number, piece)
            yield from self._cut(ended=True)
        self._hold(number, rest)
        if self._framing == "none" and self.held.rstrip(_SPACE).endswith(b"}"):
            yield from self._objects(number)

    def finish(self) -> Iterator[Frame]:
        """Yield what is left when the connection ends."""
        yield from self._cut(ended=False)

    def _hold(self, number: int, piece: bytes) -> None:
        if not self._length:
            self._began = number
        self._length += len(piece)
        self.held = (self.held + piece)[: SERVER_FRAME_BYTES + 1]

    def _cut(self, *, ended: bool) -> Iterator[Frame]:
        if self._length and self.held.strip(_SPACE):
            yield Frame(Line(self._began, self.held, self._length, ended), self._connection, self._direction)
        self.held, self._length = b"", 0

    def _objects(self, number: int) -> Iterator[Frame]:
        """Yield the whole objects at the front: a server that sends no LF ends its frames by their braces alone."""
        text = self.held.decode("utf-8", "surrogateescape")
        while text := text.lstrip(" \t\r\n"):
            try:
                _, end = _SCANNER.raw_decode(text)
            except (ValueError, RecursionError):
                break
            frame, text = text[:end].encode("utf-8", "surrogateescape"), text[end:]
            yield Frame(Line(self._began, frame, len(frame)), self._connection, self._direction)
            self._began = number
        self.held = text.encode("utf-8", "surrogateescape")
        self._length = len(self.held)
