"""Cuts what arrives into frames (SPEC.md, "Frames")."""

from collections.abc import Iterable

MOST_BYTES = 8192


class Overlong:
    """Stands for a frame of more than 8192 bytes, which is skipped."""


Frame = bytes | Overlong


class Framer:
    """Holds the beginning of the frame that has yet to end."""

    def __init__(self) -> None:
        self.rest = b""
        self.skipping = False

    def feed(self, data: bytes) -> Iterable[Frame]:
        """Return the frames that end within ``data``; blank lines are none."""
        *ended, self.rest = (self.rest + data).split(b"\n")
        frames = [frame for line in ended for frame in self.end(line)]
        if len(self.rest) > MOST_BYTES:
            self.skipping, self.rest = True, b""
        return frames

    def end(self, line: bytes) -> list[Frame]:
        skipped, self.skipping = self.skipping, False
        if skipped or len(line) > MOST_BYTES:
            return [Overlong()]
        return [line] if line.strip(b" \t\r") else []
