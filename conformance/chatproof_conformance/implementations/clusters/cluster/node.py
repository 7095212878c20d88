"""A node: serves its own clients, and does nothing to anyone before it has come back from the hub, in the one order."""

import json
import socket
import time
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

from baseline.chat import ChatServer
from baseline.connection import Connection
from baseline.event_loop import READ
from baseline.refused import Refused

from cluster.entries import ANNOUNCEMENT, BEAT, ERROR, GONE, HELLO, JOIN, LEAVE, PRIVATE, PUBLIC, Entry, read_entry
from cluster.members import Members, User

_BEAT_SECONDS = 0.3
_CONNECT_SECONDS, _AGAIN_SECONDS = 1.0, 0.1
_REFUSALS = {"already_joined": "You have already joined", "username_taken": "Username already taken"}


class Sender(NamedTuple):
    """Who says something, at whichever node it is."""

    name: str


class Node(ChatServer):
    """A conforming node; each thing that an entry does is a method of its own."""

    lease = 3.0
    """Seconds: the hub takes a node for gone that has been silent for so long; 0: it never does."""
    away_seconds = 3.5
    """A node that has got nothing of its own back from the hub for so long ends its clients."""

    def __init__(self, shared: str, engine: tuple[str, int]) -> None:
        super().__init__()
        self.shared = Path(shared)
        self.engine = engine
        self.roster = Members()
        self.incarnation = self.predecessor = 0
        self.link: Connection | None = None
        self.is_linked = False
        self.heard = time.monotonic()
        self.position = 0
        self.read_back = 0
        self.unread: deque[bytes] = deque()
        self.numbers = 0
        self.local: dict[int, Connection] = {}
        self.number_of: dict[Connection, int] = {}

    # The hub

    def started(self) -> None:
        self.loop.watch(self.listener, 0, self.accept)
        super().started()
        self.reach_hub()
        self.beat()

    def reach_hub(self) -> None:
        """Connect to the hub, and go on there, or join the cluster; clients are accepted when the hub has answered."""
        if self.stopping or self.link is not None:
            return
        try:
            sock = socket.create_connection(self.engine, _CONNECT_SECONDS)
        except OSError:
            self.loop.call_later(_AGAIN_SECONDS, self.reach_hub)
            return
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link = Connection(sock)
        self.connections[self.link] = None
        self.watch(self.link)
        body = json.dumps([self.lease, bool(self.incarnation)]).encode()
        self.send_bytes(self.link, Entry(self.incarnation or self.predecessor, self.position, HELLO, body).line())

    def beat(self) -> None:
        if not self.stopping:
            if time.monotonic() - self.heard > self.away_seconds:
                self.fence()
            self.ask(0, BEAT, self.position)
            self.loop.call_later(_BEAT_SECONDS, self.beat)

    def ask(self, number: int, kind: str, *body: Any) -> None:
        """Have the hub give something its place; what is not read back is asked for again on the next connection."""
        if not self.incarnation:
            return
        said = json.dumps(body[0] if len(body) == 1 else body).encode() if body else b""
        line = Entry(self.incarnation, number, kind, said).line()
        self.unread.append(line)
        if self.is_linked and self.link is not None:
            self.send_bytes(self.link, line)

    def ask_again(self, taken: int) -> None:
        """Ask again for what the hub, which has taken so many things of this node in all, has not got."""
        known = taken - self.read_back
        self.send_bytes(self.link, b"".join(list(self.unread)[known:]))

    def limit_outbox(self, connection: Connection) -> None:
        if connection is not self.link:
            super().limit_outbox(connection)

    def received(self, connection: Connection, data: bytes) -> None:
        if connection is not self.link:
            super().received(connection, data)
            return
        *lines, connection.inbox = (connection.inbox + data).split(b"\n")
        for line in lines:
            if self.link is not connection:
                return  # it was our own end
            self.apply(read_entry(line))

    def fence(self) -> None:
        """End all clients: something may have passed them by; then begin anew."""
        self.ask(0, GONE)
        link, self.link = self.link, None
        self.is_linked = False
        self.end_clients()
        self.heard = time.monotonic()
        if link is not None and not link.closed:
            self.finish(link)
        self.loop.call_later(0.0, self.reach_hub)

    def end_clients(self) -> None:
        self.predecessor = self.incarnation or self.predecessor
        self.incarnation = 0
        self.loop.watch(self.listener, 0, self.accept)
        for connection in list(self.connections):
            if connection is not self.link:
                self.finish(connection)
        self.roster = Members()
        self.joined.clear()
        self.local.clear()
        self.number_of.clear()

    def say_goodbye(self) -> None:
        super().say_goodbye()
        self.ask(0, GONE)

    # Clients

    def connected(self, connection: Connection) -> None:
        self.numbers += 1
        self.local[self.numbers] = connection
        self.number_of[connection] = self.numbers

    def handle_frame(self, connection: Connection, frame: bytes) -> None:
        if self.is_blank(frame):
            return
        try:
            message = self.decode(frame)
            self.check(message)
        except Refused as refused:
            self.answer_error(connection, refused)
        else:
            self.request(connection, message)

    def request(self, connection: Connection, message: dict[str, Any]) -> None:
        number = self.number_of.get(connection, 0)
        if message["type"] == "join":
            self.ask(number, JOIN, message["username"])
        elif message["type"] == "message":
            self.ask(number, PUBLIC, message["content"])
        else:
            self.ask(number, PRIVATE, message["target"], message["content"])

    def answer_error(self, connection: Connection, refused: Refused) -> None:
        self.ask(self.number_of.get(connection, 0), ERROR, refused.code, refused.text)

    def lost(self, connection: Connection) -> None:
        if connection is self.link:
            self.link, self.is_linked = None, False
            self.loop.call_later(0.0, self.reach_hub)
        elif connection in self.number_of:
            self.ask(self.number_of[connection], LEAVE)

    def announce(self, text: str) -> None:
        self.ask(0, ANNOUNCEMENT, text)

    # Entries

    def apply(self, entry: Entry) -> None:
        body = json.loads(entry.body) if entry.body else None
        if entry.kind == HELLO:
            self.welcomed(entry.incarnation, entry.connection, body)
            return
        self.position += 1
        if entry.incarnation == self.incarnation and entry.kind != GONE:
            self.note_own()
        self.apply_to_chat(entry, body)

    def apply_to_chat(self, entry: Entry, body: Any) -> None:
        user = (entry.incarnation, entry.connection)
        own = self.local.get(entry.connection) if entry.incarnation == self.incarnation else None
        if entry.kind == JOIN:
            self.apply_join(user, own, body)
        elif entry.kind == LEAVE:
            self.apply_leave(user, own)
        elif entry.kind == PUBLIC:
            self.apply_public(user, own, body)
        elif entry.kind == PRIVATE:
            self.apply_private(user, own, *body)
        elif entry.kind == ERROR:
            self.apply_error(own, *body)
        elif entry.kind == ANNOUNCEMENT:
            self.apply_announcement(user, body)
        elif entry.kind == GONE:
            self.apply_gone(entry.incarnation)

    def note_own(self) -> None:
        """Take note that the oldest of what this node has asked for has come back."""
        self.heard = time.monotonic()
        self.read_back += 1
        if self.unread:  # a faulty node may have asked twice
            self.unread.popleft()

    def welcomed(self, incarnation: int, taken: int, users: list[list[Any]] | None) -> None:
        """Go on where this node was, if the hub says so by naming no users; else it is another node from now on."""
        self.heard, self.is_linked = time.monotonic(), True
        if users is None:
            self.ask_again(taken)
        else:
            if self.incarnation:
                self.end_clients()
            self.position = self.read_back = 0
            self.unread.clear()
            self.apply_hello(incarnation, users)

    def apply_hello(self, incarnation: int, users: list[list[Any]]) -> None:
        self.incarnation = incarnation
        for node, connection, name in users:
            self.roster.add((node, connection), name)
        self.loop.watch(self.listener, READ, self.accept)

    def apply_join(self, user: User, own: Connection | None, name: str) -> None:
        code = self.refusal(user, name)
        if code:
            self.apply_error(own, code, _REFUSALS[code])
            return
        self.roster.add(user, name)
        if own is not None:
            self.register(own, name)
        self.tell_join(user, name)

    def refusal(self, user: User, name: str) -> str:
        return self.roster.refuses(user, name)

    def tell_join(self, user: User, name: str) -> None:
        self.broadcast(self.system(self.join_text(name)))

    def apply_leave(self, user: User, own: Connection | None) -> None:
        name = self.roster.remove(user)
        if own is not None:
            del self.local[user[1]]
            del self.number_of[own]
            if name is not None:
                self.unregister(own, name)
        if name is not None:
            self.tell_leave(user, name)

    def tell_leave(self, user: User, name: str) -> None:
        self.broadcast(self.system(self.leave_text(name)))

    def apply_public(self, user: User, own: Connection | None, content: str) -> None:
        name = self.roster.names.get(user)
        if name is None:
            self.apply_error(own, "not_joined", "Join first")
        else:
            self.tell_public(user, name, content)

    def tell_public(self, user: User, name: str, content: str) -> None:
        self.broadcast(self.public(Sender(name), {"content": content}))

    def apply_private(self, user: User, own: Connection | None, target: str, content: str) -> None:
        name, holder = self.roster.names.get(user), self.holder(user, target)
        if name is None:
            self.apply_error(own, "not_joined", "Join first")
            return
        if holder is not None and holder[0] == self.incarnation:
            self.deliver_to(target, self.private(Sender(name), {"content": content}))
        if own is not None:
            self.confirm(own, {"target": target, "content": content}, delivered=holder is not None)

    def holder(self, user: User, target: str) -> User | None:
        """Return who gets a private message of a user."""
        return self.roster.users.get(target)

    def deliver_to(self, target: str, message: dict[str, Any]) -> None:
        if target in self.joined:
            self.send(self.joined[target], message)

    def apply_error(self, own: Connection | None, code: str, text: str) -> None:
        if own is not None:
            self.send(own, self.error(Refused(code, text)))

    def apply_announcement(self, user: User, text: str) -> None:
        self.broadcast(self.announcement(text))

    def apply_gone(self, incarnation: int) -> None:
        for name, user in self.roster.of_node(incarnation):
            self.roster.remove(user)
            self.tell_gone(user, name)
        if incarnation == self.incarnation:
            self.fence()

    def tell_gone(self, user: User, name: str) -> None:
        self.tell_leave(user, name)
