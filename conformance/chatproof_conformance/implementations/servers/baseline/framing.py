"""Cuts the stream into frames."""

from collections.abc import Iterator

from baseline.connection import Connection
from baseline.refused import Refused
from baseline.transport import Transport


class Framing(Transport):
    """Lines ended by LF, of at most 1024 bytes; a longer one is answered once and skipped."""

    frame_bytes = 1024

    def received(self, connection: Connection, data: bytes) -> None:
        for frame in self.split_frames(connection, data):
            if connection.finishing or connection.closed:
                return
            self.handle_frame(connection, frame)

    def split_frames(self, connection: Connection, data: bytes) -> Iterator[bytes]:
        *lines, rest = self.lines(connection.inbox + data)
        connection.inbox = b""
        for line in lines:
            if connection.skipping:
                connection.skipping = False
            elif self.is_too_long(line):
                self.refuse_too_long(connection)
            else:
                yield line
        self.keep_rest(connection, rest)

    def lines(self, data: bytes) -> list[bytes]:
        return data.split(b"\n")

    def is_too_long(self, frame: bytes) -> bool:
        return len(frame) > self.frame_bytes

    def keep_rest(self, connection: Connection, rest: bytes) -> None:
        if connection.skipping:
            return
        connection.inbox = rest
        if self.is_too_long(rest):
            self.refuse_too_long(connection)
            self.begin_skipping(connection)

    def begin_skipping(self, connection: Connection) -> None:
        connection.skipping = True
        connection.inbox = b""

    def refuse_too_long(self, connection: Connection) -> None:
        self.answer_error(connection, Refused("frame_too_long", f"Frame longer than {self.frame_bytes} bytes"))

    def handle_frame(self, connection: Connection, frame: bytes) -> None:
        """For a subclass: one frame, without its LF."""

    def answer_error(self, connection: Connection, refused: Refused) -> None:
        """For a subclass: send the client the reason for which its frame is refused."""
