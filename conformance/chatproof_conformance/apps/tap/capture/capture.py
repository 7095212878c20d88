"""Writes a capture while the tap runs: each connection to the server as the packets that could have carried it."""

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from chatproof_conformance.apps.tap.capture.packets import MOST_DATA, End, Flags, packet
from chatproof_conformance.apps.tap.capture.pcapng import file_start, packet_block
from chatproof_conformance.apps.tap.growing_file import GrowingFile
from chatproof_schemas.transcript import Kind


class Capture:
    """A capture file. It holds whole packets only, whenever the tap dies."""

    def __init__(self, path: Path) -> None:
        """Begin a capture.

        Raises:
            OSError: if the file cannot be written.
        """
        self._file = GrowingFile(path, file_start(f"chatproof {version('chatproof')}", "chatproof tap"))
        self._blocks: list[bytes] = []
        # The wall clock may be set while we run; so it is read once, and the order of the packets is that of time.
        self._origin = time.time_ns() - time.monotonic_ns()

    @property
    def trouble(self) -> OSError | None:
        """Why the file could not be written further; None if it could."""
        return self._file.trouble

    def connection(self, client: End, server: End, comment: str) -> "CapturedConnection":
        """Return a connection that has just been made; its first packet has the comment."""
        return CapturedConnection(self._append, client, server, comment)

    def flush(self) -> None:
        """Write to the file what has been captured since the last time, in one go."""
        if self._blocks:
            self._file.append(b"".join(self._blocks))
            self._blocks.clear()

    def close(self) -> None:
        """Write the rest."""
        self.flush()
        self._file.close()

    def _append(self, made: bytes, comment: str) -> None:
        if self._file.trouble is None:
            self._blocks.append(packet_block(made, self._origin + time.monotonic_ns(), comment))


class CapturedConnection:
    """One connection, as packets: the handshake, data as it was handed over, the ends.

    An acknowledgement of its own has only what ends a stream: data is acknowledged by what follows in the other
    direction.
    """

    def __init__(self, append: Callable[[bytes, str], None], client: End, server: End, comment: str) -> None:
        """Begin with the handshake.

        Args:
            append: takes each packet with its comment.
            client: who opened the connection.
            server: who accepted it.
            comment: of the first packet.
        """
        self._append = append
        self._comment = comment
        self._client, self._server = _Stream(client), _Stream(server)
        self._send(self._client, Flags.SYN)
        self._send(self._server, Flags.SYN | Flags.ACK)
        self._send(self._client, Flags.ACK)

    def append(self, kind: Kind, data: bytes = b"") -> None:
        """Capture what happened just now."""
        if kind is Kind.NOTE:
            self._comment = data.decode()
        elif kind in (Kind.CLIENT_DATA, Kind.SERVER_DATA):
            self._send_data(self._client if kind is Kind.CLIENT_DATA else self._server, data)
        elif kind in (Kind.RESET, Kind.SERVER_RESET):
            self._send(self._client if kind is Kind.RESET else self._server, Flags.RST | Flags.ACK)
        elif kind in (Kind.HALF_CLOSE, Kind.SERVER_CLOSE):
            ended = self._client if kind is Kind.HALF_CLOSE else self._server
            self._send(ended, Flags.FIN | Flags.ACK)
            self._send(self._other(ended), Flags.ACK)

    def _send_data(self, sender: "_Stream", data: bytes) -> None:
        pieces = [data[start : start + MOST_DATA] for start in range(0, len(data), MOST_DATA)]
        for number, piece in enumerate(pieces, 1):
            self._send(sender, Flags.ACK | Flags.PSH if number == len(pieces) else Flags.ACK, piece)

    def _send(self, sender: "_Stream", flags: Flags, data: bytes = b"") -> None:
        receiver = self._other(sender)
        numbers = sender.next, receiver.next if flags & Flags.ACK else 0
        self._append(packet(sender.end, receiver.end, flags, numbers, data), self._comment)
        self._comment = ""
        sender.next += len(data) + bool(flags & (Flags.SYN | Flags.FIN))

    def _other(self, stream: "_Stream") -> "_Stream":
        return self._server if stream is self._client else self._client


class _Stream:
    """One direction of a connection.

    Attributes:
        end: who sends it.
        next: the number of the next byte.
    """

    def __init__(self, end: End) -> None:
        self.end = end
        self.next = 0
