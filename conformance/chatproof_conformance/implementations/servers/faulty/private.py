"""Faults in private messages (PRIVATE)."""

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty, subtle
from helpers import changing, every


@faulty(
    "private-lost",
    "confirms private messages and delivers none",
    breaks=("PRIVATE-1", "PRIVATE-3"),
    cause="message-lost-or-doubled",
)
def deliver_private(self, connection, target, message):
    self.confirm(connection, message, delivered=True)


@faulty(
    "private-twice",
    "delivers private messages twice",
    breaks=("PRIVATE-1", "PRIVATE-3"),
    cause="message-lost-or-doubled",
)
def deliver_private(self, connection, target, message):
    self.send(target, self.private(connection, message))
    ChatServer.deliver_private(self, connection, target, message)


@faulty("private-from-target", "names the target as the sender", breaks=("PRIVATE-1",))
def private(self, connection, message):
    return {**ChatServer.private(self, connection, message), "sender": message["target"]}


subtle(
    "private-stripped", "strips white space around a private content", breaks=("PRIVATE-1",), cause="content-changed"
)(changing("private", "content", str.strip))
subtle("private-cut-at-nul", "cuts private contents at U+0000", breaks=("PRIVATE-1",), cause="content-changed")(
    changing("private", "content", lambda content: content.partition("\0")[0] or "?")
)


@subtle(
    "target-remembered",
    "sends to the first holder of a name that has changed hands",
    breaks=("PRIVATE-1",),
    cause="recipients-remembered",
)
def deliver_private(self, connection, target, message):
    self.targets = getattr(self, "targets", {})
    ChatServer.deliver_private(self, connection, self.targets.setdefault(message["target"], target), message)


@subtle(
    "tenth-private-lost",
    "loses every tenth private message to a user",
    breaks=("PRIVATE-1", "PRIVATE-3"),
    cause="message-lost-or-doubled",
)
def deliver(self, recipient, message, data):
    if message["type"] != "private_message" or not every(10, recipient, "private"):
        ChatServer.deliver(self, recipient, message, data)


@faulty(
    "private-to-everyone",
    "sends private messages to everyone",
    breaks=("PRIVATE-2", "PRIVATE-1"),
    cause="wrong-recipients",
)
def deliver_private(self, connection, target, message):
    self.broadcast(self.private(connection, message))
    self.confirm(connection, message, delivered=True)


@faulty(
    "private-echoed", "sends a copy of a private message to its sender", breaks=("PRIVATE-2",), cause="wrong-recipients"
)
def deliver_private(self, connection, target, message):
    ChatServer.deliver_private(self, connection, target, message)
    if target is not connection:
        self.send(connection, self.private(connection, message))


@subtle(
    "moderator-reads-along",
    "whoever joined first gets all private messages",
    breaks=("PRIVATE-2",),
    cause="wrong-recipients",
)
def deliver_private(self, connection, target, message):
    ChatServer.deliver_private(self, connection, target, message)
    moderator = next(iter(self.joined.values()))
    if moderator not in (connection, target):
        self.send(moderator, self.private(connection, message))


@subtle(
    "private-to-prefix",
    "an absent target is taken for the beginning of a name",
    breaks=("PRIVATE-2", "CONFIRM-2"),
    cause="wrong-recipients",
)
def on_absent_target(self, connection, message):
    for name, target in self.joined.items():
        if name.startswith(message["target"]):
            self.deliver_private(connection, target, message)
            return
    ChatServer.on_absent_target(self, connection, message)


@faulty(
    "private-to-self-refused",
    "refuses a private message to oneself",
    breaks=("PRIVATE-3",),
    cause="valid-input-refused",
)
def deliver_private(self, connection, target, message):
    if target is connection:
        raise Refused("invalid_message", "You cannot write to yourself")
    ChatServer.deliver_private(self, connection, target, message)


@faulty(
    "private-to-self-unsent",
    "confirms a message to oneself, does not send it",
    breaks=("PRIVATE-3", "PRIVATE-1"),
    cause="sender-left-out",
)
def deliver_private(self, connection, target, message):
    if target is not connection:
        self.send(target, self.private(connection, message))
    self.confirm(connection, message, delivered=True)


@subtle(
    "private-to-self-unconfirmed",
    "sends a message to oneself, does not confirm it",
    breaks=("PRIVATE-3", "CONFIRM-1"),
    cause="confirmation-not-sent",
)
def deliver_private(self, connection, target, message):
    self.send(target, self.private(connection, message))
    if target is not connection:
        self.confirm(connection, message, delivered=True)
