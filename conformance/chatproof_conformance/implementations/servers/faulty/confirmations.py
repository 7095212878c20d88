"""Faults in the confirmations of private messages (CONFIRM)."""

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty, subtle
from helpers import changing, every


@faulty(
    "never-confirms", "confirms nothing", breaks=("CONFIRM-1", "CONFIRM-2", "PRIVATE-3"), cause="confirmation-not-sent"
)
def confirm(self, connection, message, *, delivered):
    pass


@faulty(
    "confirms-twice", "confirms twice", breaks=("CONFIRM-1", "CONFIRM-2", "PRIVATE-3"), cause="confirmation-not-sent"
)
def confirm(self, connection, message, *, delivered):
    ChatServer.confirm(self, connection, message, delivered=delivered)
    ChatServer.confirm(self, connection, message, delivered=delivered)


@faulty(
    "confirms-to-target",
    "sends the confirmation to the target",
    breaks=("CONFIRM-1", "PRIVATE-2"),
    cause="wrong-recipients",
)
def deliver_private(self, connection, target, message):
    self.send(target, self.private(connection, message))
    self.confirm(target, message, delivered=True)


@faulty(
    "delivered-is-false",
    "confirms deliveries with delivered false",
    breaks=("CONFIRM-1", "PRIVATE-1", "PRIVATE-3"),
    cause="confirmation-not-sent",
)
def confirmation(self, message, *, delivered):
    return ChatServer.confirmation(self, message, delivered=False)


faulty(
    "delivered-is-a-string",
    "says delivered as a string",
    breaks=("CONFIRM-1", "CONFIRM-2", "FRAME-8"),
    cause="message-without-its-schema",
)(changing("confirmation", "delivered", lambda delivered: str(delivered).lower()))
subtle(
    "confirms-cut-content",
    "cuts a confirmed content at 100",
    breaks=("CONFIRM-1", "CONFIRM-2"),
    cause="confirmation-not-sent",
)(changing("confirmation", "content", lambda content: content[:100]))
subtle(
    "confirms-stripped", "strips a confirmed content", breaks=("CONFIRM-1", "CONFIRM-2"), cause="confirmation-not-sent"
)(changing("confirmation", "content", str.strip))


@subtle(
    "eighth-unconfirmed",
    "forgets every eighth confirmation",
    breaks=("CONFIRM-1", "CONFIRM-2"),
    cause="confirmation-not-sent",
)
def confirm(self, connection, message, *, delivered):
    if not every(8, connection, "confirm"):
        ChatServer.confirm(self, connection, message, delivered=delivered)


@faulty(
    "absent-is-an-error",
    "answers an absent target with an error",
    breaks=("CONFIRM-2", "CONFIRM-3"),
    cause="confirmation-not-sent",
)
def on_absent_target(self, connection, message):
    raise Refused("invalid_message", "User not found")


@faulty(
    "absent-is-delivered",
    "confirms a message to nobody as delivered",
    breaks=("CONFIRM-2",),
    cause="confirmation-not-sent",
)
def on_absent_target(self, connection, message):
    self.confirm(connection, message, delivered=True)


@faulty(
    "absent-to-everyone",
    "sends a message to nobody to everybody",
    breaks=("CONFIRM-2", "PRIVATE-2"),
    cause="wrong-recipients",
)
def on_absent_target(self, connection, message):
    self.broadcast(self.private(connection, message))
    ChatServer.on_absent_target(self, connection, message)


@subtle(
    "departed-is-delivered", "confirms a message to one who left", breaks=("CONFIRM-2",), cause="recipients-remembered"
)
class DepartedIsDelivered(ChatServer):
    def unregister(self, connection, name):
        self.departed = getattr(self, "departed", set()) | {name}
        super().unregister(connection, name)

    def on_absent_target(self, connection, message):
        self.confirm(connection, message, delivered=message["target"] in getattr(self, "departed", ()))


@subtle(
    "kept-for-later",
    "says that an absent user gets nothing, and delivers when it joins",
    breaks=("CONFIRM-2", "PRIVATE-2"),
    cause="kept-for-later",
)
class KeptForLater(ChatServer):
    def on_absent_target(self, connection, message):
        self.kept = getattr(self, "kept", {})
        self.kept[message["target"]] = self.private(connection, message)
        super().on_absent_target(connection, message)

    def send_join_notice(self, connection, name):
        super().send_join_notice(connection, name)
        if name in getattr(self, "kept", {}):
            self.send(connection, self.kept.pop(name))


@faulty("no-reason", "gives no reason", breaks=("CONFIRM-3",), cause="confirmation-not-sent")
def confirmation(self, message, *, delivered):
    confirmation = ChatServer.confirmation(self, message, delivered=delivered)
    confirmation.pop("reason", None)
    return confirmation
