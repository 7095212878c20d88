"""A stream has the same frames however it is cut, for the harness's splitters and the server's reader."""

from chatproof_conformance.wire.framing import frame_splitter
from chatproof_reference.wire import FrameReader, OverlongFrame
from chatproof_schemas import vectors
from support.framing import DEFINITIONS, SPACE, cut, objects_of, split

PLAN_BYTES = 6
"""The first bytes of an input: where the others are cut, and how long a frame may be."""


STRINGS = (b'{"a":"\\"}"}', b'["\\\\",{}]', b'"]\\"" {"{":[]}', b'1 "\\', b"true[[]]")
"""What only looks like the end of a string or an object, and what ends one."""


def seeds():
    frames = [*STRINGS, *(vector.frame for vector in vectors() if len(vector.frame) < 40)]
    for at in range(0, len(frames), 2):
        for between in (b"\n", b" \t\r\n", b""):
            yield bytes([at % 50, 20, 80, 130, 200, 250]) + between.join([*frames[at : at + 2], b""])


def check(data):
    plan, stream = data[:PLAN_BYTES], data[PLAN_BYTES:]
    pieces = cut(stream, [place * len(stream) // 256 for place in plan])
    single = [stream[at : at + 1] for at in range(len(stream))]
    for framing, definition in DEFINITIONS.items():
        assert split(frame_splitter(framing), pieces) == definition(stream)
    assert split(frame_splitter("none"), single) == objects_of(stream)
    limit = sum(plan)
    assert read(FrameReader(limit), pieces) == bounded_lines(stream, limit)
    assert read(FrameReader(limit, takes_unended=True), single) == bounded_lines(stream, limit)
    check_pauses(pieces, limit)
    check_objects(stream.replace(b"\n", b" "))


def read(reader, pieces):
    return [frame for piece in pieces for frame in reader.feed(piece)]


def bounded_lines(stream, limit):
    """Return what a reader makes of a stream with LF: a frame that is too long is one before its end has come."""
    *lines, rest = stream.split(b"\n")
    bounded = [OverlongFrame() if len(line) > limit else line for line in lines]
    frames = [frame for frame in bounded if isinstance(frame, OverlongFrame) or frame.strip(SPACE)]
    return [*frames, OverlongFrame()] if len(rest) > limit else frames


def check_pauses(pieces, limit):
    """A pause after each piece: no frame is longer than the limit, and what was sent comes once, in its order."""
    reader = FrameReader(limit, takes_unended=True)
    frames = [frame for piece in pieces for frame in (*reader.feed(piece), *reader.pause())] + reader.end()
    stream, at = b"".join(pieces), 0
    for frame in frames:
        if not isinstance(frame, OverlongFrame):
            assert len(frame) <= limit
            at = stream.index(frame, at) + len(frame)


def check_objects(stream):
    """A pause ends the objects of a peer that sends no LF: those that the harness would see."""
    reader = FrameReader(len(stream), takes_unended=True)
    assert reader.feed(stream) == []
    if reader.awaits_pause:
        frames, rest = objects_of(stream)
        assert (reader.pause(), b"") == (frames, rest)
