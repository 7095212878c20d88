"""The wire, without input or output: bytes in, frames out, and messages back into bytes.

The rules (SPEC.md, "The wire"): a frame is one line without its LF; it may arrive split anywhere, and many may arrive
at once; a blank line is not a frame; a frame longer than the limit is skipped through its LF. Peers written before the
specification send objects with no LF at all: :class:`FrameReader` takes those too, if it is asked to.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WHITE_SPACE = b" \t\r\n"
_SPACES = re.compile(r"[ \t\r\n]+")
_JSON = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class OverlongFrame:
    """Stands in place of a frame that is longer than the limit; its bytes are not kept."""


Frame = bytes | OverlongFrame


def encode_message(message: Mapping[str, Any]) -> bytes:
    """Return a message as the bytes of its frame, LF included.

    Raises:
        UnicodeEncodeError: if a string holds a lone surrogate.
    """
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def is_utf_8(data: bytes) -> bool:
    """Whether bytes are UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class FrameReader:
    """Cuts what arrives on one connection into frames.

    It keeps at most ``limit`` bytes. With ``takes_unended`` it also serves peers that send objects with no LF. For
    those a pause is what ends a frame, and only whoever owns the socket knows the time: it watches
    :attr:`awaits_pause` and calls :meth:`pause`. A peer that has sent one LF ends its frames with LF, and pauses mean
    nothing from then on.

    Attributes:
        sends_no_lf: whether the peer has sent an object with no LF, and never an LF.
    """

    def __init__(self, limit: int, *, takes_unended: bool = False) -> None:
        """Read frames of at most ``limit`` bytes, their LF not counted."""
        self._limit = limit
        self._pending = b""
        self._skipping = False
        self._heeds_pauses = takes_unended
        self.sends_no_lf = False

    @property
    def in_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._pending) or self._skipping

    @property
    def is_skipping(self) -> bool:
        """Whether what comes next belongs to a frame that is too long."""
        return self._skipping

    @property
    def awaits_pause(self) -> bool:
        """Whether :meth:`pause` would change anything now."""
        if not self._heeds_pauses or not self.in_frame:
            return False
        return self.sends_no_lf or bool(_complete_objects(self._pending))

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that end within ``data``, in order, each without its LF."""
        # FRAME-2 and FRAME-3: what is cut depends on the LFs alone, never on how the bytes arrived.
        *lines, rest = (self._pending + data).split(b"\n") if self._pending else data.split(b"\n")
        frames: list[Frame] = []
        for line in lines:
            if self._skipping:
                self._skipping = False
            elif len(line) > self._limit:
                frames.append(OverlongFrame())
            elif line.strip(_WHITE_SPACE):  # FRAME-7: a blank line is not a frame
                frames.append(line)
        if lines:
            self._heeds_pauses = self.sends_no_lf = False
        self._keep(rest, frames)
        return frames

    def pause(self) -> list[Frame]:
        """Return what a pause ends, on a connection that has never sent an LF.

        The first time these are complete objects only, so that the first frame of a peer that does send LFs is not cut
        at a pause. After them the peer is known to send none, and a pause ends whatever has arrived.
        """
        if not self.awaits_pause:
            return []
        frames: list[Frame] = [*_complete_objects(self._pending)]
        if not frames and self._pending.strip(_WHITE_SPACE):
            frames.append(self._pending)
        self._pending, self._skipping, self.sends_no_lf = b"", False, True
        return frames

    def end(self) -> list[Frame]:
        """Return what the end of the stream ends: complete objects if unended ones are taken, else nothing."""
        frames = self.pause()
        self._pending = b""
        return frames

    def _keep(self, rest: bytes, frames: list[Frame]) -> None:
        if self.sends_no_lf and (objects := _complete_objects(rest)):
            frames += (object_ if len(object_) <= self._limit else OverlongFrame() for object_ in objects)
            self._skipping, rest = False, b""
        if self._skipping:
            return
        # FRAME-5: the error is due as soon as the frame is too long, whether or not its LF ever comes.
        if len(rest) > self._limit:
            frames.append(OverlongFrame())
            self._skipping, rest = True, b""
        self._pending = rest


def _complete_objects(data: bytes) -> list[bytes]:
    """Cut ``data`` into the JSON objects that it consists of; return none if it is anything else."""
    if not data.rstrip(_WHITE_SPACE).endswith(b"}"):
        return []
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return []
    objects: list[bytes] = []
    start = _skip_white_space(text, 0)
    while start < len(text):
        if text[start] != "{":
            return []
        try:
            end = _JSON.raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            return []
        objects.append(text[start:end].encode())
        start = _skip_white_space(text, end)
    return objects


def _skip_white_space(text: str, start: int) -> int:
    found = _SPACES.match(text, start)
    return found.end() if found else start
