"""Faults in private messages (PRIVATE)."""

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import changing, every


@faulty("private-lost", breaks=("PRIVATE-1", "PRIVATE-3"), note="confirms private messages and delivers none")
def deliver_private(self, connection, target, message):
    self.confirm(connection, message, delivered=True)


@faulty("private-twice", breaks=("PRIVATE-1", "PRIVATE-3"), note="delivers private messages twice")
def deliver_private(self, connection, target, message):
    self.send(target, self.private(connection, message))
    ChatServer.deliver_private(self, connection, target, message)


@faulty("private-from-target", breaks=("PRIVATE-1",), note="names the target as the sender")
def private(self, connection, message):
    return {**ChatServer.private(self, connection, message), "sender": message["target"]}


faulty("private-stripped", breaks=("PRIVATE-1",), note="strips white space around a private content", subtle=True)(
    changing("private", "content", str.strip)
)
faulty("private-cut-at-nul", breaks=("PRIVATE-1",), note="cuts private contents at U+0000", subtle=True)(
    changing("private", "content", lambda content: content.partition("\0")[0] or "?")
)


@faulty(
    "target-remembered",
    breaks=("PRIVATE-1",),
    note="sends to the first holder of a name that has changed hands",
    subtle=True,
)
def deliver_private(self, connection, target, message):
    self.targets = getattr(self, "targets", {})
    ChatServer.deliver_private(self, connection, self.targets.setdefault(message["target"], target), message)


@faulty("tenth-private-lost", breaks=("PRIVATE-1",), note="loses every tenth private message to a user", subtle=True)
def deliver(self, recipient, message, data):
    if message["type"] != "private_message" or not every(10, recipient, "private"):
        ChatServer.deliver(self, recipient, message, data)


@faulty("private-to-everyone", breaks=("PRIVATE-2", "PRIVATE-1"), note="sends private messages to everyone")
def deliver_private(self, connection, target, message):
    self.broadcast(self.private(connection, message))
    self.confirm(connection, message, delivered=True)


@faulty("private-echoed", breaks=("PRIVATE-2",), note="sends a copy of a private message to its sender")
def deliver_private(self, connection, target, message):
    ChatServer.deliver_private(self, connection, target, message)
    if target is not connection:
        self.send(connection, self.private(connection, message))


@faulty(
    "moderator-reads-along", breaks=("PRIVATE-2",), note="whoever joined first gets all private messages", subtle=True
)
def deliver_private(self, connection, target, message):
    ChatServer.deliver_private(self, connection, target, message)
    moderator = next(iter(self.joined.values()))
    if moderator not in (connection, target):
        self.send(moderator, self.private(connection, message))


@faulty(
    "private-to-prefix",
    breaks=("PRIVATE-2", "CONFIRM-2"),
    note="an absent target is taken for the beginning of a name",
    subtle=True,
)
def on_absent_target(self, connection, message):
    for name, target in self.joined.items():
        if name.startswith(message["target"]):
            self.deliver_private(connection, target, message)
            return
    ChatServer.on_absent_target(self, connection, message)


@faulty("private-to-self-refused", breaks=("PRIVATE-3",), note="refuses a private message to oneself")
def deliver_private(self, connection, target, message):
    if target is connection:
        raise Refused("invalid_message", "You cannot write to yourself")
    ChatServer.deliver_private(self, connection, target, message)


@faulty(
    "private-to-self-unsent", breaks=("PRIVATE-3", "PRIVATE-1"), note="confirms a message to oneself, does not send it"
)
def deliver_private(self, connection, target, message):
    if target is not connection:
        self.send(target, self.private(connection, message))
    self.confirm(connection, message, delivered=True)


@faulty(
    "private-to-self-unconfirmed",
    breaks=("PRIVATE-3", "CONFIRM-1"),
    note="sends a message to oneself, does not confirm it",
    subtle=True,
)
def deliver_private(self, connection, target, message):
    self.send(target, self.private(connection, message))
    if target is not connection:
        self.confirm(connection, message, delivered=True)
