"""From events to frames, each judged by the schemas at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chatproof_conformance.wire.framing import FrameSplitter, LineSplitter, ObjectSplitter, is_blank
from chatproof_schemas import Direction, FrameRefused, decode_frame, read_frame
from chatproof_schemas.transcript import Event, Framing, Kind

DIRECTIONS = {Kind.CLIENT_DATA: Direction.CLIENT, Kind.SERVER_DATA: Direction.SERVER}
_ENDED = {
    Kind.HALF_CLOSE: (Direction.CLIENT,),
    Kind.SERVER_CLOSE: (Direction.SERVER,),
    Kind.RESET: tuple(Direction),
    Kind.SERVER_RESET: tuple(Direction),
}


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """A frame as it passed.

    Attributes:
        direction: who sent it.
        frame: its bytes, without LF.
        message: the object that it holds; empty if it does not hold one.
        problem: the first reason why it is not valid; empty if it is.
        requirement: the id that an invalid one breaks.
    """

    direction: Direction
    frame: bytes
    message: dict[str, Any]
    problem: str = ""
    requirement: str = ""


@dataclass(slots=True)
class _Stream:
    """One direction of one connection."""

    splitter: FrameSplitter
    torn: bool = False
    count: int = 0


@dataclass(slots=True)
class FrameReader:
    """Puts the frames of all connections together.

    Attributes:
        framing: how they end.
    """

    framing: Framing
    _streams: dict[tuple[str, Direction], _Stream] = field(default_factory=dict)

    def read(self, event: Event) -> Iterator[SeenFrame]:
        """Yield the frames that an event of bytes completes; blank lines are left out."""
        direction = DIRECTIONS[event.kind]
        stream = self._stream(event)
        if stream.torn and self.framing == "none":
            # The rest of an object ends nowhere: its quotes and brackets would be taken for those of other frames.
            if not event.data.lstrip().startswith(b"{"):
                return
            stream.torn = False
        frames = stream.splitter.feed(event.data)
        frames += stream.splitter.give_up()
        if stream.torn and frames:
            # Its beginning was left out.
            del frames[0]
            stream.torn = False
            stream.count += 1
        for frame in frames:
            if not is_blank(frame):
                stream.count += 1
                yield _judged(frame, direction, first=stream.count == 1)

    def tear(self, event: Event) -> None:
        """Leave an event out: what is read next begins somewhere in a frame."""
        stream = self._stream(event)
        stream.splitter.take_rest()
        stream.torn = not event.data.endswith(b"\n")
        stream.count += 1

    def end(self, event: Event) -> None:
        """Drop what is kept of the streams that an event ends."""
        for direction in _ENDED.get(event.kind, ()):
            self._streams.pop((event.connection, direction), None)

    def _stream(self, event: Event) -> _Stream:
        key = (event.connection, DIRECTIONS[event.kind])
        if key not in self._streams:
            # A blank line too may be the end of a frame whose beginning was left out.
            self._streams[key] = _Stream(ObjectSplitter() if self.framing == "none" else LineSplitter(keep_blank=True))
        return self._streams[key]


def _judged(frame: bytes, direction: Direction, *, first: bool) -> SeenFrame:
    try:
        message = read_frame(frame, direction)
    except FrameRefused as refused:
        return _refused(frame, direction, refused, first=first)
    if first and direction is Direction.CLIENT and message["type"] != "join":
        return SeenFrame(direction, frame, message, "the first frame is no join", "CLIENT-1")
    return SeenFrame(direction, frame, message)


def _refused(frame: bytes, direction: Direction, refused: FrameRefused, *, first: bool) -> SeenFrame:
    try:
        value = decode_frame(frame)
    except FrameRefused:
        value = None
    message = value if isinstance(value, dict) else {}
    if direction is Direction.SERVER:
        requirement = "FRAME-8" if message and refused.problems[0].code != "frame_too_long" else "FRAME-1"
    else:
        requirement = "CLIENT-1" if first else "CLIENT-2"
    return SeenFrame(direction, frame, message, str(refused.problems[0]), requirement)
