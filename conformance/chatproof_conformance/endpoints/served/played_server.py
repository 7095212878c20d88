"""The server that the harness plays to the client under test: what it sends."""

from collections.abc import Iterable
from typing import Any

from chatproof_conformance.endpoints.served.exchange import Exchange
from chatproof_conformance.generation.server_frames import encoded


class PlayedServer:
    """Sends on the connection that stands."""

    def __init__(self, exchange: Exchange) -> None:
        """Serve a client."""
        self._exchange = exchange

    def sends(self, **message: Any) -> None:
        """Send a message, with the time if its type has one and none is given."""
        self.sends_frame(encoded(message))

    def sends_frame(self, frame: bytes) -> None:
        """Send the bytes of a frame, and LF."""
        self.sends_bytes(frame + b"\n")

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes as they are, in one piece."""
        self._exchange.latest_connection().send(data, self._exchange.deadline)

    def sends_pieces(self, pieces: Iterable[bytes]) -> None:
        """Send bytes in pieces, each when the client has read the one before."""
        for piece in pieces:
            self.sends_bytes(piece)
            self._exchange.latest_connection().wait_until_read()

    def sends_public(self, sender: str, content: str) -> None:
        """Send a public message of another user."""
        self.sends(type="message", username=sender, content=content)

    def echoes(self, content: str) -> None:
        """Send the client its own public message, as every server does."""
        self.sends(type="message", username=self._exchange.username, content=content)

    def confirms(self, target: str, content: str, **members: Any) -> None:
        """Send the confirmation of a private message."""
        self.sends(type="private_confirmation", target=target, content=content, **members)
