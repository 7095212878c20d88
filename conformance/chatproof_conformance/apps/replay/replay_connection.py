"""One connection of a play: what its client has sent and received."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from chatproof_common.system.waiting import readable
from chatproof_conformance.apps.replay.name_rewriter import names_of_joins
from chatproof_conformance.endpoints.peers.connection import Connection
from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.transcript import Kind


@dataclass(slots=True)
class ReplayConnection:
    """One connection.

    Attributes:
        connection: its raw bytes.
        sent: what the client has sent; with framing ``none`` each piece is ended by an LF here.
        received: the frames that have arrived.
        missing: how many frames fewer than in the recording, once waiting for them has failed.
        reads: whether its client reads; one that has stopped is not waited for.
        writes: whether its client can still send.
    """

    connection: Connection
    sent: bytearray = field(default_factory=bytearray)
    received: list[bytes] = field(default_factory=list)
    missing: int = 0
    reads: bool = True
    writes: bool = True

    def send(self, data: bytes, seconds: float, *, unframed: bool) -> None:
        """Send bytes in one piece; a server that does not take them within that many seconds does not get the rest."""
        self.sent += data + (b"\n" if unframed else b"")
        self.connection.send(data, seconds)

    def end(self, kind: Kind) -> None:
        """End it as the client did in the recording."""
        self.writes = False
        ends = {
            Kind.HALF_CLOSE: self.connection.half_close,
            Kind.RESET: self.connection.reset,
            Kind.CLOSE: self.connection.close,
        }
        ends[kind]()

    def has_joined(self) -> bool:
        """Whether a join notice with its name has arrived."""
        names = names_of_joins(bytes(self.sent))
        return any(name in notice for notice in map(_notice, self.received) for name in names)


def read_any(lines: Iterable[ReplayConnection], until: float) -> bool:
    """Wait for bytes, or for an end, at any of the lines, and read them; False if nothing arrived until then."""
    line_of = {line.connection: line for line in lines if line.reads and line.connection.open}
    found = readable(line_of, until - time.monotonic()) if line_of else []
    for connection in found:
        line_of[connection].received += connection.receive(0)
    return bool(found)


def _notice(frame: bytes) -> str:
    try:
        message = decode_frame(frame)
    except FrameRefused:
        return ""
    is_notice = isinstance(message, dict) and message.get("type") == "system"
    return str(message.get("message")) if is_notice else ""
