"""Faults in what the sender of a private message is told (CONFIRM)."""

# ruff: noqa: ARG002  an override has the parameters of its hook

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import every


@faulty("never-confirms", breaks=("CONFIRM-1", "CONFIRM-2", "PRIVATE-3"), note="confirms nothing")
class NeverConfirms(ChatServer):
    def confirm(self, connection, message, *, delivered):
        pass


@faulty("confirms-twice", breaks=("CONFIRM-1", "CONFIRM-2", "PRIVATE-3"), note="confirms twice")
class ConfirmsTwice(ChatServer):
    def confirm(self, connection, message, *, delivered):
        super().confirm(connection, message, delivered=delivered)
        super().confirm(connection, message, delivered=delivered)


@faulty("confirms-to-target", breaks=("CONFIRM-1", "PRIVATE-2"), note="sends the confirmation to the target")
class ConfirmsToTarget(ChatServer):
    def deliver_private(self, connection, target, message):
        self.send(target, self.private(connection, message))
        self.confirm(target, message, delivered=True)


@faulty("delivered-is-false", breaks=("CONFIRM-1", "PRIVATE-3"), note="confirms deliveries with delivered false")
class DeliveredIsFalse(ChatServer):
    def confirmation(self, message, *, delivered):
        return super().confirmation(message, delivered=False)


@faulty("delivered-is-a-string", breaks=("CONFIRM-1", "CONFIRM-2", "FRAME-8"), note="says delivered as a string")
class DeliveredIsAString(ChatServer):
    def confirmation(self, message, *, delivered):
        return {**super().confirmation(message, delivered=delivered), "delivered": str(delivered).lower()}


@faulty("confirms-cut-content", breaks=("CONFIRM-1", "CONFIRM-2"), note="cuts a confirmed content at 100", subtle=True)
class ConfirmsCutContent(ChatServer):
    def confirmation(self, message, *, delivered):
        return {**super().confirmation(message, delivered=delivered), "content": message["content"][:100]}


@faulty("confirms-stripped", breaks=("CONFIRM-1", "CONFIRM-2"), note="strips a confirmed content", subtle=True)
class ConfirmsStripped(ChatServer):
    def confirmation(self, message, *, delivered):
        content = message["content"].strip() or message["content"]
        return {**super().confirmation(message, delivered=delivered), "content": content}


@faulty("eighth-unconfirmed", breaks=("CONFIRM-1", "CONFIRM-2"), note="forgets every eighth confirmation", subtle=True)
class EighthUnconfirmed(ChatServer):
    def confirm(self, connection, message, *, delivered):
        if not every(8, connection, "confirm"):
            super().confirm(connection, message, delivered=delivered)


@faulty("absent-is-an-error", breaks=("CONFIRM-2", "CONFIRM-3"), note="answers an absent target with an error")
class AbsentIsAnError(ChatServer):
    def on_absent_target(self, connection, message):
        raise Refused("invalid_message", "User not found")


@faulty("absent-is-delivered", breaks=("CONFIRM-2",), note="confirms a message to nobody as delivered")
class AbsentIsDelivered(ChatServer):
    def on_absent_target(self, connection, message):
        self.confirm(connection, message, delivered=True)


@faulty("absent-to-everyone", breaks=("CONFIRM-2", "PRIVATE-2"), note="sends a message to nobody to everybody")
class AbsentToEveryone(ChatServer):
    def on_absent_target(self, connection, message):
        self.broadcast(self.private(connection, message))
        super().on_absent_target(connection, message)


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
class NoReason(ChatServer):
    def confirmation(self, message, *, delivered):
        confirmation = super().confirmation(message, delivered=delivered)
        confirmation.pop("reason", None)
        return confirmation
