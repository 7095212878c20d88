"""How to enter and speak in each protocol that the load generator knows: ours, and those we compare with."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from chatproof_reference.bench.spellings import COMPACT, SPELLINGS


@dataclass(frozen=True, slots=True)
class Dialect:
    """One protocol of the chat kind.

    Attributes:
        name: of the protocol.
        echoes: whether who sends a public message gets it too.
        publishes_apart: whether publishing needs a separate connection.
        compares_streams: whether all receivers get the same bytes, in one order, so that they can be compared.
    """

    name: str
    echoes: bool = True
    publishes_apart: bool = False
    compares_streams: bool = False

    def enter(self, username: str) -> bytes:
        """Return what a client sends first."""
        return _ENTER[self.name](username)

    def proceed(self, received: bytes) -> bytes:
        """Return what a client sends once ``received`` has welcomed it; nothing if it has all been sent."""
        return b"JOIN #bench\r\n" if self.name == "irc" and b" 001 " in received else b""

    def entered(self, username: str, received: bytes) -> bool:
        """Whether what was received shows that the client is in."""
        if self.name == "chat":  # JOIN-2: before its own notice it gets nothing but errors
            return b'"system"' in received and username.encode() in received
        return _ENTERED[self.name] in received

    def say(self, payload: str, spelling: str = COMPACT) -> bytes:
        """Return the bytes of one public message; the payload is printable ASCII. Only ours has several spellings."""
        if self.name == "chat":
            return (SPELLINGS[spelling] % payload).encode()
        return _SAY[self.name](payload)


_ENTER: dict[str, Callable[[str], bytes]] = {
    "chat": lambda name: json.dumps({"type": "join", "username": name}).encode() + b"\n",
    "redis": lambda _: b"SUBSCRIBE bench\r\n",
    "nats": lambda _: b'CONNECT {"verbose":false}\r\nSUB bench 1\r\nPING\r\n',
    "irc": lambda name: f"NICK {name}\r\nUSER {name} 0 * :{name}\r\n".encode(),
}
_ENTERED = {"redis": b"subscribe", "nats": b"PONG", "irc": b" 366 "}
_SAY: dict[str, Callable[[str], bytes]] = {
    "redis": lambda payload: f"*3\r\n$7\r\nPUBLISH\r\n$5\r\nbench\r\n${len(payload)}\r\n{payload}\r\n".encode(),
    "nats": lambda payload: f"PUB bench {len(payload)}\r\n{payload}\r\n".encode(),
    "irc": lambda payload: f"PRIVMSG #bench :{payload}\r\n".encode(),
}

CHAT = Dialect("chat", compares_streams=True)
REDIS = Dialect("redis", publishes_apart=True, compares_streams=True)
NATS = Dialect("nats")
IRC = Dialect("irc", echoes=False)
