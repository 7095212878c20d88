"""The rules of the chat: who is in it, and what each request causes. The fan-out's lock orders; nothing here sends.

What it does is told by a :class:`~chatproof_reference.server.ordering.Log`: by :meth:`Chat.handle`, if this process is
the whole chat; else the log of a cluster has each thing applied here that was decided for all nodes.
"""

import time
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import cast

from chatproof_reference.server import replies
from chatproof_reference.server.batch import Batch
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.counters import Counters
from chatproof_reference.server.events import EventKind, Events
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.requests import Join, Refused, Request, Say, SayPrivately


class Chat:
    """Everyone who has joined, by name."""

    def __init__(self, fan_out: FanOut, events: Events, counters: Counters, max_clients: int) -> None:
        self.members: dict[str, Connection] = {}
        self._fan_out = fan_out
        self._events = events
        self._counters = counters
        self._max_clients = max_clients

    def handle(self, connection: Connection, requests: Iterable[Request]) -> int:
        """Do what a connection asks, in the order asked (ORDER-1); return how many bytes everybody gets of it."""
        with self._fan_out as batch:
            before = batch.public_size
            for kind, alike in groupby(requests, type):
                if kind is Say and connection.is_joined:
                    self._say(batch, connection, cast("Iterable[Say]", alike))
                else:
                    for request in alike:
                        self._handle(batch, connection, request)
            return batch.public_size - before

    def handle_private_message(self, batch: Batch, sender: Connection, request: SayPrivately) -> None:
        """Deliver a private message to its target alone, and confirm it to its sender (PRIVATE-1 to CONFIRM-3)."""
        target = self.members.get(request.target)
        if target is not None:
            batch.to_one(target, replies.private(sender.username, request.content))
        self.confirm(batch, sender, request, delivered=target is not None)

    def confirm(self, batch: Batch, sender: Connection, request: SayPrivately, *, delivered: bool) -> None:
        """Tell the sender of a private message what became of it."""
        if not delivered:
            self._counters.undelivered += 1
            batch.to_one(sender, replies.confirmation(request.target, request.content, reason="User not found"))
            return
        self._counters.private_messages += 1
        batch.to_one(sender, replies.confirmation(request.target, request.content))
        self._emit(EventKind.PRIVATE_MESSAGE, sender, target=request.target)

    def broadcast_message(self, batch: Batch, frame: bytes) -> None:
        """Send a frame to every joined client."""
        batch.to_all(frame)

    def send_to_all(self, frame: bytes) -> None:
        """Send a frame of the server's own making to every joined client."""
        with self._fan_out as batch:
            self.broadcast_message(batch, frame)

    def leave(self, connection: Connection, reason: str, *, farewell: str = "") -> None:
        """End a connection's part in the chat, and its stream after what was routed to it before. Twice is once."""
        with self._fan_out as batch:
            if not connection.over:
                self.end(batch, connection, reason, farewell)

    def close(self, connections: Iterable[Connection], reason: str, farewell: str) -> None:
        """Inform the joined, then end every stream (STOP-2); nobody gets the others' leave notices."""
        with self._fan_out as batch:
            self.broadcast_message(batch, replies.system(farewell))
            # A member of a cluster may have been closed, and its leave not have been applied yet.
            for connection in {**dict.fromkeys(connections), **dict.fromkeys(self.members.values())}:
                if connection.over:
                    continue
                self._finish(batch, connection, reason)
                if connection.username:
                    self._fan_out.dismiss(connection)
            self.members.clear()

    def _say(self, batch: Batch, connection: Connection, messages: Iterable[Say]) -> None:
        """Send public messages of one user, one after the other: while much is said, many have come at once."""
        head, tail = connection.head, replies.public_tail()
        contents = [content for message in messages for content in message.contents]
        batch.block_to_all(head + (tail + head).join(contents) + tail, len(contents))
        self.note_said(connection, contents)

    def note_said(self, connection: Connection, contents: Collection[bytes]) -> None:
        """Count and report public messages of one user."""
        connection.messages_in += len(contents)
        self._counters.public_messages += len(contents)
        if self._events.wants(EventKind.MESSAGE):
            for content in contents:
                self._emit(EventKind.MESSAGE, connection, text=replies.plain_text(content))

    def _handle(self, batch: Batch, connection: Connection, request: Request) -> None:
        if connection.over:
            return
        match request:
            case Refused():
                self.refuse(batch, connection, request.text, request.code)
            case Join():
                self._join(batch, connection, request.username)
            case _ if not connection.username:
                for _ in request.contents if isinstance(request, Say) else (request,):
                    self.refuse(batch, connection, "Join first: send a join message with your username", "not_joined")
            case SayPrivately():
                connection.messages_in += 1
                self.handle_private_message(batch, connection, request)

    def _join(self, batch: Batch, connection: Connection, username: str) -> None:
        if connection.username:  # JOIN-10
            self.refuse(batch, connection, f"You have already joined, as {connection.username}", "already_joined")
        elif username in self.members:  # JOIN-4, JOIN-6, JOIN-7
            self.refuse_name(batch, connection)
        elif not self.turns_away(batch, connection):
            self.admit(batch, connection, username)

    def refuse_name(self, batch: Batch, connection: Connection) -> None:
        """Answer a join with a name that a user has."""
        self.refuse(batch, connection, "Username already taken", "username_taken")

    def turns_away(self, batch: Batch, connection: Connection, joining: int = 0) -> bool:
        """Answer a join with an error and end its connection, if the server is full; so many more are joining."""
        if is_full := len(self.members) + joining >= self._max_clients:
            self.refuse(batch, connection, "The server is full: try again later", "server_full")
            self._finish(batch, connection, "the server is full")
        return is_full

    def admit(self, batch: Batch, connection: Connection, username: str) -> None:
        """Let a connection join under a name that is free."""
        connection.head = replies.public_head(username)
        connection.joined_at = time.time()
        connection.username = username
        self.members[username] = connection
        self._counters.joins += 1
        self._fan_out.admit(connection)  # JOIN-2: before this nothing public reaches it
        self.tell_join(batch, username)
        self._emit(EventKind.JOINED, connection)

    def tell_join(self, batch: Batch, username: str) -> None:
        """Tell every joined client of a join, here or elsewhere."""
        self.broadcast_message(batch, replies.system(f"{username} joined the chat"))

    def tell_leave(self, batch: Batch, username: str) -> None:
        """Tell every joined client of a leave, here or elsewhere; the name is free."""
        self.broadcast_message(batch, replies.system(f"{username} left the chat"))

    def end(self, batch: Batch, connection: Connection, reason: str, farewell: str) -> None:
        """End a connection, joined or not, after what is in the batch."""
        if farewell:
            batch.to_one(connection, replies.system(farewell))
        self._finish(batch, connection, reason)
        if connection.username:  # LEAVE-5: nobody gets a notice of the end of one that never joined
            del self.members[connection.username]  # LEAVE-4: before the notice
            self._fan_out.dismiss(connection)
            self.tell_leave(batch, connection.username)

    def _finish(self, batch: Batch, connection: Connection, reason: str) -> None:
        connection.over = True
        connection.ended_because = connection.ended_because or reason
        batch.end(connection)
        self._counters.ended[connection.ended_because] += 1
        kind = EventKind.LEFT if connection.username else EventKind.DISCONNECTED
        self._emit(kind, connection, text=connection.ended_because)

    def refuse(self, batch: Batch, connection: Connection, text: str, code: str) -> None:
        """Answer a frame with an error."""
        self._counters.refused[code] += 1
        batch.to_one(connection, replies.error(text, code))
        self._emit(EventKind.REFUSED, connection, text=text, code=code)

    def _emit(self, kind: EventKind, connection: Connection, **members: str) -> None:
        if self._events.wants(kind):
            self._events.emit(kind, username=connection.username, address=connection.place, **members)
