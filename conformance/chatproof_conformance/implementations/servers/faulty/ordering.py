"""Faults in what arrives before what (ORDER)."""

from baseline.chat import ChatServer
from catalogue import faulty, subtle
from helpers import delaying, every


@faulty(
    "public-later",
    "sends public messages 2 ms later, everything else at once",
    breaks=("ORDER-1", "ORDER-2", "LEAVE-6"),
    cause="several-paths-to-a-client",
)
def on_public(self, connection, message):
    public = self.public(connection, message)
    self.loop.call_later(0.002, lambda: self.broadcast(public))


subtle(
    "errors-later",
    "sends errors 5 ms later, everything else at once",
    breaks=("ORDER-1",),
    cause="several-paths-to-a-client",
)(delaying("answer_error", 0.005))


subtle("confirms-later", "sends confirmations 5 ms later", breaks=("ORDER-1",), cause="several-paths-to-a-client")(
    delaying("confirm", 0.005)
)


@subtle(
    "tenth-overtaken",
    "every tenth public message of a connection is 5 ms late",
    breaks=("ORDER-1", "ORDER-2", "ORDER-3", "LEAVE-6"),
    cause="several-paths-to-a-client",
)
def on_public(self, connection, message):
    if every(10, connection, "public"):
        public = self.public(connection, message)
        self.loop.call_later(0.005, lambda: self.broadcast(public))
    else:
        ChatServer.on_public(self, connection, message)


faulty(
    "join-told-late",
    "tells a join 5 ms later: a message in the same segment overtakes it",
    breaks=("ORDER-2", "ORDER-1", "JOIN-2"),
    cause="several-paths-to-a-client",
)(delaying("send_join_notice", 0.005))


@subtle(
    "others-told-late",
    "tells a join to the newcomer at once, to the others 5 ms later",
    breaks=("ORDER-2", "ORDER-1", "ORDER-3"),
    cause="several-paths-to-a-client",
)
def send_join_notice(self, connection, name):
    notice = self.system(self.join_text(name))
    others = [other for other in self.joined.values() if other is not connection]
    self.send(connection, notice)
    self.loop.call_later(0.005, lambda: [self.send(other, notice) for other in others])


@faulty(
    "leave-told-early",
    "the leave notice overtakes the last public message",
    breaks=("ORDER-2", "ORDER-1", "LEAVE-6"),
    cause="several-paths-to-a-client",
)
class LeaveToldEarly(ChatServer):
    def on_public(self, connection, message):
        self.flush_last(connection)
        connection.last = self.public(connection, message)
        self.loop.call_later(0.003, lambda: self.flush_last(connection))

    def flush_last(self, connection):
        last, connection.last = getattr(connection, "last", None), None
        if last is not None:
            self.broadcast(last)


@faulty(
    "every-second-recipient-late",
    "what odd connections cause reaches even ones 4 ms later, in order: each pair is right, the whole is not",
    breaks=("ORDER-3", "ORDER-2", "LEAVE-4", "SERVER-1"),
    cause="no-common-order",
)
class EverySecondRecipientLate(ChatServer):
    def handle_frame(self, connection, frame):
        self.cause = connection
        super().handle_frame(connection, frame)

    def lost(self, connection):
        self.cause = connection
        super().lost(connection)

    def connected(self, connection):
        self.connected_so_far = getattr(self, "connected_so_far", 0) + 1
        connection.number = self.connected_so_far

    def send_bytes(self, recipient, data):
        cause = getattr(self, "cause", recipient)
        send = super().send_bytes
        late = cause.number % 2 == 1 and recipient.number % 2 == 0
        if late and cause is not recipient:
            self.loop.call_later(0.004, lambda: send(recipient, data))
        else:
            send(recipient, data)
