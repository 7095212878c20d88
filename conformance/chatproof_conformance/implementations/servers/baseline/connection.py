"""What the server knows of one client."""

import socket


class Connection:
    """One client's socket, its half-read frame, what waits to be sent to it, and its name once it has joined.

    Attributes:
        name: None until it has joined, and again after it has left.
        inbox: what came after the last LF.
        skipping: the rest of an overlong frame is being dropped.
        outbox: bytes that the system has not taken yet.
        ended: the peer's stream has ended, so nothing more will come.
        finishing: the stream to the peer ends as soon as the outbox is empty.
        shut: the stream to the peer has ended.
        deaf: the peer takes nothing any more; what is sent to it is dropped.
        closed: the socket is closed.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.name: str | None = None
        self.inbox = b""
        self.skipping = False
        self.outbox = bytearray()
        self.ended = False
        self.finishing = False
        self.shut = False
        self.deaf = False
        self.closed = False
        self.watched = 0
