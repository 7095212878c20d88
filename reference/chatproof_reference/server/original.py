"""Methods that the original documentation lists of its server, and that nothing else here needs.

They know clients by their sockets, and messages as the members of a JSON object. The other names that it lists
(``start_server``, ``stop_server``, ``accept_clients``, ``handle_client``) are what :class:`ChatServer` does itself.
"""

import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from chatproof_reference.server.chat import Chat
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.replies import json_text
from chatproof_reference.server.requests import SayPrivately
from chatproof_reference.wire import encode_message
from chatproof_schemas import Direction, read_frame


class OriginalMethods(ABC):
    """To be mixed into a server."""

    _chat: Chat

    @property
    def clients(self) -> dict[socket.socket, dict[str, object]]:
        """Every joined client by its socket: its ``username`` and ``address``. A copy."""
        members = self._members()
        return {member.socket: {"username": member.username, "address": member.address} for member in members}

    def broadcast_message(self, message: Mapping[str, Any]) -> None:
        """Send a message of the server's own making to every joined client.

        Raises:
            FrameRefused: if it is no valid message of a server, or too long; its problems say where and why.
            RuntimeError: if the server is not running.
        """
        frame = encode_message(message)
        read_frame(frame[:-1], Direction.SERVER)
        with self._running_chat() as chat:
            chat.send_to_all(frame)

    def handle_private_message(self, client_socket: socket.socket, target: str, content: str) -> None:
        """Route a private message as if the client on that socket had sent it.

        Raises:
            KeyError: if no joined client has that socket.
        """
        self._chat.handle(self._member(client_socket), [SayPrivately(target, json_text(content))])

    def disconnect_client(self, client_socket: socket.socket) -> None:
        """End a joined client's connection in order; it is told, and the others get its leave notice.

        Raises:
            KeyError: if no joined client has that socket.
        """
        self._disconnect(self._member(client_socket))

    def _member(self, client_socket: socket.socket) -> Connection:
        for member in self._members():
            if member.socket is client_socket:
                return member
        raise KeyError(client_socket)

    @abstractmethod
    def _members(self) -> list[Connection]:
        """Return every joined connection, in the order of joins; none if the server is not running."""

    @abstractmethod
    def _running_chat(self) -> AbstractContextManager[Chat]:
        """Keep the server from stopping while its chat is used.

        Raises:
            RuntimeError: if the server is not running.
        """

    @abstractmethod
    def _disconnect(self, connection: Connection) -> None:
        """End a connection as the operator asked."""
