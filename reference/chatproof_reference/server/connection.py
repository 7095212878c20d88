"""One connection: its socket, its outbox, and who it is in the chat."""

import socket
import time
from dataclasses import InitVar, dataclass, field

from chatproof_common.addresses import shown_address
from chatproof_reference.server.outbox import Outbox
from chatproof_reference.server.templates import Templates

_Socket = socket.socket  # below, the name of the module is that of a member


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """A joined client, for a table of them.

    Attributes:
        address: its peer's host and port.
        joined_at: seconds since the epoch.
        messages_in: valid public and private messages that it sent.
        messages_out: frames sent to it, or waiting to be.
        pending_bytes: bytes that wait for it to read.
    """

    username: str
    address: tuple[str, int]
    joined_at: float
    messages_in: int
    messages_out: int
    pending_bytes: int


@dataclass(slots=True, eq=False)
class Connection:
    """A client from its accept to its close.

    Attributes:
        username: set once, by the join.
        head: what each public message of this user begins with, up to its content.
        over: set, under the routing lock, when its part in the chat has ended: nothing that it sends counts any more,
            and nothing new is sent to it.
        ended_because: why the connection ends, for people; empty while it lasts.
        connected_at: on the clock of time.monotonic, as ``frame_began_at``, ``unanswered_since`` and ``cut_at``.
        joined_at: seconds since the epoch.
        unanswered_since: since when its machine has answered nothing that was sent to it.
        cut_at: when to end it by force.
        origin: what counts as one address: that of its peer, or the /64 of an IPv6 one.
        judged: how many of its frames had to be judged, and refused, of late; only its own thread looks at it.
        templates: how its public messages are written, as far as that is known; for its own thread too.
    """

    socket: _Socket
    address: tuple[str, int]
    outbox_bytes: InitVar[int]
    outbox: Outbox = field(init=False)
    username: str = ""
    head: bytes = b""
    over: bool = False
    ended_because: str = ""
    messages_in: int = 0
    connected_at: float = field(default_factory=time.monotonic)
    joined_at: float = 0.0
    frame_began_at: float | None = None
    unanswered_since: float | None = None
    cut_at: float | None = None
    origin: str = ""
    judged: float = 0.0
    judged_at: float = 0.0
    templates: Templates = field(default_factory=Templates)

    def __post_init__(self, outbox_bytes: int) -> None:
        self.outbox = Outbox(self.socket, outbox_bytes)

    @property
    def is_joined(self) -> bool:
        """Whether it takes part in the chat now."""
        return bool(self.username) and not self.over

    @property
    def place(self) -> str:
        """The peer's address, for people."""
        return shown_address(self.address)

    @property
    def info(self) -> ClientInfo:
        """What there is to show of it now."""
        counts = (self.messages_in, self.outbox.frames, self.outbox.pending)
        return ClientInfo(self.username, self.address, self.joined_at, *counts)
