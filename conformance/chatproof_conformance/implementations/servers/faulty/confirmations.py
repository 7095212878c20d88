"""Faults in what the sender of a private message is told (CONFIRM)."""

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import changing, every


@faulty("never-confirms", breaks=("CONFIRM-1", "CONFIRM-2", "PRIVATE-3"), note="confirms nothing")
def confirm(self, connection, message, *, delivered):
    pass


@faulty("confirms-twice", breaks=("CONFIRM-1", "CONFIRM-2", "PRIVATE-3"), note="confirms twice")
def confirm(self, connection, message, *, delivered):
    ChatServer.confirm(self, connection, message, delivered=delivered)
    ChatServer.confirm(self, connection, message, delivered=delivered)


@faulty("confirms-to-target", breaks=("CONFIRM-1", "PRIVATE-2"), note="sends the confirmation to the target")
def deliver_private(self, connection, target, message):
    self.send(target, self.private(connection, message))
    self.confirm(target, message, delivered=True)


@faulty("delivered-is-false", breaks=("CONFIRM-1", "PRIVATE-3"), note="confirms deliveries with delivered false")
def confirmation(self, message, *, delivered):
    return ChatServer.confirmation(self, message, delivered=False)


faulty("delivered-is-a-string", breaks=("CONFIRM-1", "CONFIRM-2", "FRAME-8"), note="says delivered as a string")(
    changing("confirmation", "delivered", lambda delivered: str(delivered).lower())
)
faulty("confirms-cut-content", breaks=("CONFIRM-1", "CONFIRM-2"), note="cuts a confirmed content at 100", subtle=True)(
    changing("confirmation", "content", lambda content: content[:100])
)
faulty("confirms-stripped", breaks=("CONFIRM-1", "CONFIRM-2"), note="strips a confirmed content", subtle=True)(
    changing("confirmation", "content", str.strip)
)


@faulty("eighth-unconfirmed", breaks=("CONFIRM-1", "CONFIRM-2"), note="forgets every eighth confirmation", subtle=True)
def confirm(self, connection, message, *, delivered):
    if not every(8, connection, "confirm"):
        ChatServer.confirm(self, connection, message, delivered=delivered)


@faulty("absent-is-an-error", breaks=("CONFIRM-2", "CONFIRM-3"), note="answers an absent target with an error")
def on_absent_target(self, connection, message):
    raise Refused("invalid_message", "User not found")


@faulty("absent-is-delivered", breaks=("CONFIRM-2",), note="confirms a message to nobody as delivered")
def on_absent_target(self, connection, message):
    self.confirm(connection, message, delivered=True)


@faulty("absent-to-everyone", breaks=("CONFIRM-2", "PRIVATE-2"), note="sends a message to nobody to everybody")
def on_absent_target(self, connection, message):
    self.broadcast(self.private(connection, message))
    ChatServer.on_absent_target(self, connection, message)


@faulty("departed-is-delivered", breaks=("CONFIRM-2",), note="confirms a message to one who left", subtle=True)
class DepartedIsDelivered(ChatServer):
    def unregister(self, connection, name):
        self.departed = getattr(self, "departed", set()) | {name}
        super().unregister(connection, name)

    def on_absent_target(self, connection, message):
        self.confirm(connection, message, delivered=message["target"] in getattr(self, "departed", ()))


@faulty(
    "kept-for-later",
    breaks=("CONFIRM-2", "PRIVATE-2"),
    note="says that an absent user gets nothing, and delivers when it joins",
    subtle=True,
)
class KeptForLater(ChatServer):
    def on_absent_target(self, connection, message):
        self.kept = getattr(self, "kept", {})
        self.kept[message["target"]] = self.private(connection, message)
        super().on_absent_target(connection, message)

    def tell_join(self, connection, name):
        super().tell_join(connection, name)
        if name in getattr(self, "kept", {}):
            self.send(connection, self.kept.pop(name))


@faulty("no-reason", breaks=("CONFIRM-3",), note="gives no reason")
def confirmation(self, message, *, delivered):
    confirmation = ChatServer.confirmation(self, message, delivered=delivered)
    confirmation.pop("reason", None)
    return confirmation
