"""What several faulty servers use."""

import functools
import select
from collections.abc import Callable
from typing import Any

from baseline.chat import ChatServer
from baseline.connection import Connection
from baseline.refused import Refused


def every(number: int, holder: object, what: str) -> bool:
    """Return whether this is the holder's 1st, 2nd … call that is a multiple of the number."""
    calls = getattr(holder, f"calls_{what}", 0) + 1
    setattr(holder, f"calls_{what}", calls)
    return calls % number == 0


def changing(method: str, member: str, change: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a method that makes a message with a member changed; never to nothing, which would be a second fault."""
    make = getattr(ChatServer, method)

    @functools.wraps(make)
    def changed(self: ChatServer, *arguments: Any, **named: Any) -> dict[str, Any]:
        message = make(self, *arguments, **named)
        return {**message, member: change(message[member]) or message[member]}

    return changed


def delaying(method: str, seconds: float) -> Callable[..., None]:
    """Return a method that acts some seconds late."""
    act = getattr(ChatServer, method)

    @functools.wraps(act)
    def delayed(self: ChatServer, *arguments: Any, **named: Any) -> None:
        self.loop.call_later(seconds, lambda: act(self, *arguments, **named))

    return delayed


def with_time_to_join(seconds: float) -> Callable[..., None]:
    """Return a method that ends, after some seconds, a connection that has not joined by then."""

    def connected(self: ChatServer, connection: Connection) -> None:
        self.loop.call_later(seconds, lambda: None if connection.name else self.finish(connection))

    return connected


def with_room_for(number: int) -> Callable[..., None]:
    """Return a method that joins this many clients, and closes the connection of the next."""

    def join(self: ChatServer, connection: Connection, name: str) -> None:
        if len(self.joined) >= number:
            self.send(connection, self.error(Refused("server_full", "The server is full")))
            self.finish(connection)
        else:
            ChatServer.join(self, connection, name)

    return join


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
