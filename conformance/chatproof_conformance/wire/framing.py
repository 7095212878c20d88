"""The one place of the harness that turns a stream of bytes into frames: at LF or, if nothing ends them, at brackets.

No input or output: bytes go in, in any pieces, frames come out, and what has no end yet is kept. However the same bytes
are cut, the frames are the same. Each byte is looked at once: the work grows with the input, whatever its pieces.
"""

import re
from abc import ABC, abstractmethod

from chatproof_schemas import UNENDED_FRAME_BYTES
from chatproof_schemas.transcript import Framing

_BLANK = b" \t\r\n"
_SPACE = re.compile(rb"[ \t\r\n]*")
_BARE = re.compile(rb'[^ \t\r\n{\["]*')
_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_QUOTE, _BACKSLASH, _BRACE, _BRACKET = b'"\\{['
_STRUCTURE = {_BRACE: re.compile(rb'["{}]'), _BRACKET: re.compile(rb'["\[\]]')}
"""By the bracket that begins a value: what to look at on the way to the bracket that closes it."""


def is_blank(frame: bytes) -> bool:
    """Return whether a line holds nothing but white space, and so is no frame (SPEC.md, section 2)."""
    return not frame.strip(_BLANK)


class FrameSplitter(ABC):
    """Puts the frames of one stream together."""

    def __init__(self) -> None:
        """Begin a stream."""
        self._rest = bytearray()

    @abstractmethod
    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream and return the frames that they complete, without LF."""

    @property
    def rest(self) -> bytes:
        """What has come after the last complete frame."""
        return bytes(self._rest)

    def take_rest(self) -> bytes:
        """Return the rest and forget it: the next byte begins a frame."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest

    def give_up(self) -> list[bytes]:
        """Take the rest for a frame if it is so long that its end is not worth waiting for; else return nothing."""
        return [self.take_rest()] if len(self._rest) >= UNENDED_FRAME_BYTES else []


def frame_splitter(framing: Framing) -> FrameSplitter:
    """Return a new splitter; ``none`` is for peers that send one object after the other with nothing between."""
    return ObjectSplitter() if framing == "none" else LineSplitter()


class LineSplitter(FrameSplitter):
    """Ends frames at LF."""

    def __init__(self, *, keep_blank: bool = False) -> None:
        """Begin a stream; blank lines are left out unless they are to be kept."""
        super().__init__()
        self._keep_blank = keep_blank

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream and return the lines that they complete, without LF."""
        *lines, rest = data.split(b"\n")
        if lines and self._rest:
            lines[0] = self.take_rest() + lines[0]
        self._rest += rest
        return lines if self._keep_blank else [line for line in lines if not is_blank(line)]


class ObjectSplitter(FrameSplitter):
    """Ends frames where their brackets close.

    An object or array ends at the bracket that closes its first one, a string at its closing quote. Anything else (a
    number, ``true``, what is no JSON) ends before white space or the beginning of an object, array or string. White
    space between frames belongs to none. Whether a frame is JSON is for others to say.
    """

    def __init__(self) -> None:
        """Begin a stream."""
        super().__init__()
        self._begin_frame(0)

    def _begin_frame(self, at: int) -> None:
        self._at = at  # what stands before it has been looked at
        self._first = -1  # the frame's first byte
        self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream and return the frames that they complete."""
        self._rest += data
        frames: list[bytes] = []
        start = 0
        while True:
            if self._first < 0:
                start = self._end_of(_SPACE)
                if start == len(self._rest):
                    break
                self._first = self._rest[start]
            if not self._reach_end():
                break
            frames.append(bytes(self._rest[start : self._at]))
            start = self._at
            self._begin_frame(start)
        del self._rest[:start]
        self._at -= start
        return frames

    def take_rest(self) -> bytes:
        """Return the rest and forget it: the next byte begins a frame."""
        self._begin_frame(0)
        return super().take_rest()

    def give_up(self) -> list[bytes]:
        """Take the rest for a frame if it can become no object, or is too long to wait for; else return nothing."""
        return super().give_up() if not self._rest or self._first == _BRACE else [self.take_rest()]

    def _reach_end(self) -> bool:
        """Go to the end of the frame; return False if it has not come yet."""
        structure = _STRUCTURE.get(self._first)
        if structure is not None:
            return self._close_brackets(structure)
        if self._first != _QUOTE:
            return self._end_of(_BARE) < len(self._rest)
        if not self._depth:
            self._at += 1  # the opening quote
            self._depth = 1
        return self._close_string()

    def _close_brackets(self, structure: re.Pattern[bytes]) -> bool:
        while not self._in_string or self._close_string():
            found = structure.search(self._rest, self._at)
            if found is None:
                self._at = len(self._rest)
                return False
            self._at = found.end()
            byte = self._rest[found.start()]
            if byte == _QUOTE:
                self._in_string = True
                continue
            self._depth += 1 if byte == self._first else -1
            if not self._depth:
                return True
        return False

    def _close_string(self) -> bool:
        at = self._end_of(_STRING)
        if at == len(self._rest) or self._rest[at] == _BACKSLASH:
            return False  # no end yet, or half an escape
        self._at += 1
        self._in_string = False
        return True

    def _end_of(self, form: re.Pattern[bytes]) -> int:
        """Go past what has a form that also the empty string has; return the place after it."""
        found = form.match(self._rest, self._at)
        if found is not None:
            self._at = found.end()
        return self._at
