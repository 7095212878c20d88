"""The reference server, without a window: a thread reads each client, one lock orders, one thread sends."""

from chatproof_reference.server.connection import ClientInfo
from chatproof_reference.server.counters import Counters
from chatproof_reference.server.events import Event, EventKind, Subscription
from chatproof_reference.server.options import ServerOptions
from chatproof_reference.server.server import ChatServer

__all__ = ["ChatServer", "ClientInfo", "Counters", "Event", "EventKind", "ServerOptions", "Subscription"]
