"""The reference client, with no window: the connection, its events, and its two modes for terminals and programs."""

from chatproof_reference.client.client import ChatClient
from chatproof_reference.client.outgoing import MessageRefused

__all__ = ["ChatClient", "MessageRefused"]
