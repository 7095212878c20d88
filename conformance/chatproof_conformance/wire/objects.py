"""Whole objects of a stream in which nothing ends a frame (``--framing none``)."""

import re

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|["{}]', re.DOTALL)
_LONGEST = 65_536


def split_objects(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the frames at the front, whole objects or what can be none, and the beginning of an object, or nothing."""
    frames: list[bytes] = []
    rest = data
    while rest.lstrip().startswith(b"{"):
        end = _end_of_object(rest)
        if end is None:
            return (frames, rest) if len(rest) < _LONGEST else ([*frames, rest], b"")
        frames.append(rest[:end])
        rest = rest[end:]
    if rest.strip():
        frames.append(rest)
    return frames, b""


def _end_of_object(data: bytes) -> int | None:
    depth = 0
    for token in _STRUCTURE.finditer(data):
        if token[0] == b'"':
            return None  # a string that has not ended yet
        depth += {b"{": 1, b"}": -1}.get(token[0], 0)
        if not depth:
            return token.end() if token[0] == b"}" else None
    return None
