"""One connection: its socket, its outbox, and who it is in the chat."""

import socket
import time

from chatproof_reference.server.outbox import Outbox


class Connection:
    """A client from its accept to its close.

    ``username`` is set once, by the join. ``over`` is set, under the routing lock, when its part in the chat has ended:
    nothing that it sends counts any more, and nothing new is sent to it.
    """

    __slots__ = (
        "address",
        "connected_at",
        "cut_at",
        "ended_because",
        "frame_began_at",
        "head",
        "joined_at",
        "messages_in",
        "outbox",
        "over",
        "socket",
        "username",
    )

    def __init__(self, client: socket.socket, address: tuple[str, int], outbox_bytes: int) -> None:
        self.socket = client
        self.address = address
        self.outbox = Outbox(client, outbox_bytes)
        self.username = ""
        self.head = b""
        """What each public message of this user begins with, up to its content."""
        self.over = False
        self.ended_because = ""
        """Why the connection ends, for people; empty while it lasts."""
        self.messages_in = 0
        self.connected_at = time.monotonic()
        self.joined_at = 0.0
        """Seconds since the epoch."""
        self.frame_began_at: float | None = None
        self.cut_at: float | None = None
        """When to end it by force, on the clock of time.monotonic."""

    @property
    def is_joined(self) -> bool:
        """Whether it takes part in the chat now."""
        return bool(self.username) and not self.over

    @property
    def place(self) -> str:
        """The peer's address, for people."""
        return format_address(self.address)


def format_address(address: tuple[str, int]) -> str:
    """Return ``host:port``, or ``[host]:port`` for IPv6."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
