"""The server's bounds: what each is, its default, and what happens there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Bounds of a server; each is an option of ``chatproof server``.

    The length of a frame is no option: SPEC.md fixes it (FRAME-1, FRAME-4).

    Attributes:
        max_clients: joined clients at once. The next join is answered with ``server_full`` and its connection ended.
        max_connections: connections at once, joined or not. One more is accepted and ended without a word.
        outbox_bytes: what may wait in memory for a client that reads too slowly. Above it the client is dropped.
        join_seconds: how long a connection may stay without joining. At least 10 (SPEC.md). Then it is ended.
        half_frame_seconds: how long one frame may take to arrive. Then the connection is ended.
        linger_seconds: how long a connection that the server ends may take to read what is left and to close.
        stop_seconds: how long stopping may take for clients that do not close. SPEC.md allows 5 (STOP-1).
    """

    max_clients: int = 10_000
    max_connections: int = 12_000
    outbox_bytes: int = 1024 * 1024
    join_seconds: float = 30.0
    half_frame_seconds: float = 60.0
    linger_seconds: float = 2.0
    stop_seconds: float = 3.0
