"""The definitions of the two framings, by which each splitter is judged: slow, and as plain as SPEC.md, section 2."""

import itertools

SPACE = b" \t\r\n"


def lines_of(data):
    """Return the frames with LF, and what stands after the last: what stands before each LF, unless it is blank."""
    *lines, rest = data.split(b"\n")
    return [line for line in lines if line.strip(SPACE)], rest


def objects_of(data):
    """Return the frames with no LF, and the rest: one byte after the other, from the beginning of each frame."""
    frames = []
    data = data.lstrip(SPACE)
    while (size := size_of_first(data)) is not None:
        frames.append(data[:size])
        data = data[size:].lstrip(SPACE)
    return frames, data


def size_of_first(data):
    first = data[:1]
    if first not in (b"{", b"[", b'"'):
        return next((at for at, byte in enumerate(data) if byte in b' \t\r\n{["'), None)
    opening, closing = (b"{}" if first == b"{" else b"[]") if first != b'"' else (None, None)
    depth, in_string, escaped = 0, False, False
    for at, byte in enumerate(data):
        if escaped:
            escaped = False
        elif in_string and byte == ord("\\"):
            escaped = True
        elif byte == ord('"'):
            in_string = not in_string
        elif not in_string:
            depth += (byte == opening) - (byte == closing)
        if not depth and not in_string:
            return at + 1
    return None


DEFINITIONS = {"lf": lines_of, "none": objects_of}


def cut(data, places):
    """Return the pieces of a stream that is cut at some places, each of them taken modulo its length."""
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def split(splitter, pieces):
    """Return the frames that a splitter makes of the pieces of a stream, and the rest."""
    return [frame for piece in pieces for frame in splitter.feed(piece)], splitter.rest
