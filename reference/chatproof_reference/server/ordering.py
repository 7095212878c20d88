"""The seam between connections and the chat: who puts what clients ask for into one order, and who holds which name.

In memory both are the :class:`~chatproof_reference.server.chat.Chat` itself: its lock is the order, its members are the
directory of names. In a cluster both are an engine that the nodes share (:mod:`chatproof_reference.server.cluster`).
"""

from collections.abc import Container, Iterable
from typing import Protocol

from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.requests import Request


class CannotJoinCluster(RuntimeError):  # noqa: N818  it says what happened, as CannotListen does
    """The server could not begin as a node of a cluster; its text is the reason, in one line."""


class Log(Protocol):
    """Takes what connections ask for. Whatever it causes is routed in one order, the same at all nodes.

    Attributes:
        names: those of users anywhere; a look-up may be a moment old, so it may decide nothing but how a frame is read.
    """

    names: Container[str]

    def ask(self, connection: Connection, requests: Iterable[Request]) -> int:
        """Have a connection's requests done, in their order (ORDER-1); return how many bytes everybody gets of it."""

    def end(self, connection: Connection, reason: str, *, farewell: str = "") -> None:
        """End a connection's part in the chat after what it asked for before. Never blocks; twice is once."""

    def announce(self, frame: bytes) -> None:
        """Send a frame of the server's own making to every joined client."""

    def reason_to_refuse(self) -> str:
        """Return why a new connection cannot be served now; empty if it can."""


class LocalLog:
    """The log of a chat that is this process alone: no more than other names for the chat's own methods."""

    def __init__(self, chat: Chat) -> None:
        self.names: Container[str] = chat.members
        self.ask = chat.handle
        self.end = chat.leave
        self.announce = chat.send_to_all

    @staticmethod
    def reason_to_refuse() -> str:
        """Return nothing: alone, it can always serve."""
        return ""
