"""What several faulty servers use."""

import select

from baseline.chat import ChatServer
from baseline.connection import Connection


def every(number: int, holder: object, what: str) -> bool:
    """Return whether this is the holder's 1st, 2nd … call that is a multiple of the number."""
    calls = getattr(holder, f"calls_{what}", 0) + 1
    setattr(holder, f"calls_{what}", calls)
    return calls % number == 0


def block(server: ChatServer, connection: Connection, *, until: str) -> bool:
    """Serve nobody until the socket is ``readable`` or ``writable`` or the server is to stop; return whether it is."""
    files = [connection.sock]
    reading, writing = (files, []) if until == "readable" else ([], files)
    readable, writable, _ = select.select([*reading, server.loop.wakeup], writing, [])
    return server.loop.wakeup not in readable or bool(writable)


def serve_others(server: ChatServer, connection: Connection, seconds: float) -> None:
    """Let other connections' frames in between two steps of one connection's, as a lost lock does."""
    server.loop.watch(connection.sock, 0, lambda _: None)
    connection.watched = 0
    for key, events in server.loop.selector.select(seconds):
        key.data(events)
    server.watch(connection)
