"""The chat: who has joined, what a message does, what everyone gets."""

import contextlib
import os
import time
from collections.abc import Iterable

from baseline.checks import Checks
from baseline.connection import Connection
from baseline.event_loop import READ
from baseline.framing import Framing
from baseline.refused import Refused
from baseline.strict_json import StrictJson

MOST_SENT_BYTES = 8192


class ChatServer(Checks, StrictJson, Framing):
    """A conforming server; every decision that the protocol makes is a method of its own."""

    def __init__(self) -> None:
        StrictJson.__init__(self)
        Framing.__init__(self)
        self.joined: dict[str, Connection] = {}
        self.typed = b""

    # A frame

    def handle_frame(self, connection: Connection, frame: bytes) -> None:
        if self.is_blank(frame):
            return
        try:
            message = self.decode(frame)
            self.check(message)
            self.dispatch(connection, message)
        except Refused as refused:
            self.answer_error(connection, refused)

    def is_blank(self, frame: bytes) -> bool:
        return not frame.strip(b" \t\r")

    def dispatch(self, connection: Connection, message: dict) -> None:
        if message["type"] == "join":
            self.on_join(connection, message)
        elif connection.name is None:
            self.on_message_before_join(connection, message)
        elif message["type"] == "message":
            self.on_public(connection, message)
        else:
            self.on_private(connection, message)

    def on_message_before_join(self, connection: Connection, message: dict) -> None:
        raise Refused("not_joined", "Join first")

    def answer_error(self, connection: Connection, refused: Refused) -> None:
        self.send(connection, self.error(refused))

    # Joining

    def on_join(self, connection: Connection, message: dict) -> None:
        if connection.name is not None:
            self.on_second_join(connection, message)
        elif self.is_taken(message["username"]):
            self.on_taken_name(connection, message["username"])
        else:
            self.join(connection, message["username"])

    def on_second_join(self, connection: Connection, message: dict) -> None:
        raise Refused("already_joined", "You have already joined")

    def is_taken(self, name: str) -> bool:
        return self.find(name) is not None

    def on_taken_name(self, connection: Connection, name: str) -> None:
        raise Refused("username_taken", "Username already taken")

    def join(self, connection: Connection, name: str) -> None:
        self.register(connection, name)
        self.send_join_notice(connection, name)

    def register(self, connection: Connection, name: str) -> None:
        connection.name = name
        self.joined[self.key(name)] = connection

    def send_join_notice(self, connection: Connection, name: str) -> None:
        self.broadcast(self.system(self.join_text(name)))

    def join_text(self, name: str) -> str:
        return f"{name} joined the chat"

    def key(self, name: str) -> str:
        """Under which a name is kept: two names with one key are one name."""
        return name

    def find(self, name: str) -> Connection | None:
        return self.joined.get(self.key(name))

    # Leaving

    def lost(self, connection: Connection) -> None:
        if connection.name is not None:
            self.leave(connection, connection.name)

    def leave(self, connection: Connection, name: str) -> None:
        self.unregister(connection, name)
        self.send_leave_notice(connection, name)

    def unregister(self, connection: Connection, name: str) -> None:
        connection.name = None
        self.joined.pop(self.key(name), None)

    def send_leave_notice(self, connection: Connection, name: str) -> None:
        self.broadcast(self.system(self.leave_text(name)))

    def leave_text(self, name: str) -> str:
        return f"{name} left the chat"

    # Public and private messages

    def on_public(self, connection: Connection, message: dict) -> None:
        self.broadcast(self.public(connection, message))

    def on_private(self, connection: Connection, message: dict) -> None:
        target = self.find(message["target"])
        if target is None:
            self.on_absent_target(connection, message)
        else:
            self.deliver_private(connection, target, message)

    def on_absent_target(self, connection: Connection, message: dict) -> None:
        self.confirm(connection, message, delivered=False)

    def deliver_private(self, connection: Connection, target: Connection, message: dict) -> None:
        self.send(target, self.private(connection, message))
        self.confirm(connection, message, delivered=True)

    def confirm(self, connection: Connection, message: dict, *, delivered: bool) -> None:
        self.send(connection, self.confirmation(message, delivered=delivered))

    # Who gets what

    def broadcast(self, message: dict) -> None:
        data = self.encode(message)
        for recipient in self.audience(message):
            self.deliver(recipient, message, data)

    def audience(self, message: dict) -> Iterable[Connection]:
        return self.joined.values()

    def send(self, recipient: Connection, message: dict) -> None:
        self.deliver(recipient, message, self.encode(message))

    def deliver(self, recipient: Connection, message: dict, data: bytes) -> None:
        self.send_bytes(recipient, data)

    # The messages

    def public(self, connection: Connection, message: dict) -> dict:
        return {
            "type": "message",
            "username": connection.name,
            "content": message["content"],
            "timestamp": self.timestamp(),
        }

    def private(self, connection: Connection, message: dict) -> dict:
        return {
            "type": "private_message",
            "sender": connection.name,
            "content": message["content"],
            "timestamp": self.timestamp(),
        }

    def confirmation(self, message: dict, *, delivered: bool) -> dict:
        confirmation = {
            "type": "private_confirmation",
            "target": message["target"],
            "content": message["content"],
            "delivered": delivered,
            "timestamp": self.timestamp(),
        }
        return confirmation if delivered else {**confirmation, "reason": "User not found"}

    def system(self, text: str) -> dict:
        return {"type": "system", "message": text, "timestamp": self.timestamp()}

    def announcement(self, text: str) -> dict:
        return {"type": "server", "message": text, "timestamp": self.timestamp()}

    def error(self, refused: Refused) -> dict:
        return {"type": "error", "message": refused.text, "code": refused.code}

    def timestamp(self) -> str:
        return time.strftime("%H:%M:%S")

    # The operator

    def started(self) -> None:
        # A file or /dev/null, or no standard input at all, cannot be watched: nobody will type.
        with contextlib.suppress(OSError):
            self.loop.watch(0, READ, self.read_operator)

    def read_operator(self, _: int) -> None:
        typed = os.read(0, 65_536)
        if not typed:
            self.loop.watch(0, 0, self.read_operator)
        *lines, self.typed = (self.typed + typed).split(b"\n")
        for line in lines:
            self.on_typed_line(line.decode("utf-8", "replace").rstrip("\r"))

    def on_typed_line(self, text: str) -> None:
        if not text:
            return
        if len(self.encode(self.announcement(text))) > MOST_SENT_BYTES + 1:
            self.complain("The line is too long to be announced")
            return
        self.announce(text)

    def announce(self, text: str) -> None:
        self.broadcast(self.announcement(text))

    def say_goodbye(self) -> None:
        self.broadcast(self.system("The server is stopping"))
