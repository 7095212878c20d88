"""Faults in how a connection's end is noticed and told (LEAVE)."""

from baseline.chat import ChatServer
from catalogue import faulty


@faulty("leaves-untold", breaks=("LEAVE-1", "LEAVE-2", "LEAVE-3"), note="tells no leave")
def tell_leave(self, connection, name):
    pass


@faulty("leaves-told-twice", breaks=("LEAVE-1", "LEAVE-2"), note="reader and writer both tell a leave")
def tell_leave(self, connection, name):
    ChatServer.tell_leave(self, connection, name)
    ChatServer.tell_leave(self, connection, name)


@faulty("leave-names-nobody", breaks=("LEAVE-1", "LEAVE-2", "LEAVE-3"), note="its leave notice names nobody")
def leave_text(self, name):
    return "A user left the chat"


@faulty("half-frame-hides-leave", breaks=("LEAVE-1",), note="tells no leave that follows half a frame", subtle=True)
def tell_leave(self, connection, name):
    if not connection.inbox or not connection.ended:
        ChatServer.tell_leave(self, connection, name)


@faulty("second-leave-untold", breaks=("LEAVE-1", "LEAVE-2"), note="tells each name's leave once only", subtle=True)
def tell_leave(self, connection, name):
    self.told = getattr(self, "told", set())
    if name not in self.told:
        ChatServer.tell_leave(self, connection, name)
    self.told.add(name)


@faulty("resets-unnoticed", breaks=("LEAVE-2", "LEAVE-4"), note="a reset connection stays joined for ever")
def was_reset(self, connection):
    self.close(connection)


@faulty("reset-told-twice", breaks=("LEAVE-2",), note="tells a leave by reset twice")
def was_reset(self, connection):
    name = connection.name
    ChatServer.was_reset(self, connection)
    if name is not None:
        self.tell_leave(connection, name)


@faulty(
    "reset-after-error-unnoticed",
    breaks=("LEAVE-2", "LEAVE-4"),
    note="does not notice the reset of a connection that once had an error",
    subtle=True,
)
class ResetAfterErrorUnnoticed(ChatServer):
    def answer_error(self, connection, refused):
        connection.erred = True
        super().answer_error(connection, refused)

    def was_reset(self, connection):
        if hasattr(connection, "erred"):
            self.close(connection)
        else:
            super().was_reset(connection)


@faulty(
    "reset-in-frame-unnoticed",
    breaks=("LEAVE-2", "LEAVE-4"),
    note="does not notice a reset in the middle of a frame",
    subtle=True,
)
def was_reset(self, connection):
    if connection.inbox:
        self.close(connection)
    else:
        ChatServer.was_reset(self, connection)


@faulty("leave-in-other-words", breaks=("LEAVE-3",), note="says NAME has gone")
def leave_text(self, name):
    return f"{name} has gone"


@faulty("names-never-freed", breaks=("LEAVE-4",), note="keeps the names of those who left")
class NamesNeverFreed(ChatServer):
    def register(self, connection, name):
        self.used = getattr(self, "used", set()) | {name}
        super().register(connection, name)

    def is_taken(self, name):
        return name in getattr(self, "used", ())


@faulty("names-freed-late", breaks=("LEAVE-4",), note="frees a name 300 ms after its leave is told", subtle=True)
class NamesFreedLate(ChatServer):
    held: frozenset = frozenset()

    def tell_leave(self, connection, name):
        self.held |= {name}
        self.loop.call_later(0.3, lambda: self.free(name))
        super().tell_leave(connection, name)

    def free(self, name):
        self.held -= {name}

    def is_taken(self, name):
        return super().is_taken(name) or name in self.held


@faulty("second-leave-keeps-name", breaks=("LEAVE-4",), note="a name used twice is not freed again", subtle=True)
class SecondLeaveKeepsName(ChatServer):
    def tell_leave(self, connection, name):
        self.left = [*getattr(self, "left", []), name]
        super().tell_leave(connection, name)

    def is_taken(self, name):
        return super().is_taken(name) or getattr(self, "left", []).count(name) >= 2


@faulty("guests-leave-aloud", breaks=("LEAVE-5",), note="tells the end of connections that never joined")
def lost(self, connection):
    if connection.name is None:
        self.tell_leave(connection, "None")
    ChatServer.lost(self, connection)


@faulty(
    "refused-leave-aloud",
    breaks=("LEAVE-5", "JOIN-4", "LEAVE-1"),
    note="tells that a name left when a connection refused for it ends",
    subtle=True,
)
class RefusedLeaveAloud(ChatServer):
    def on_taken_name(self, connection, name):
        connection.wanted = name
        super().on_taken_name(connection, name)

    def lost(self, connection):
        if connection.name is None and hasattr(connection, "wanted"):
            self.tell_leave(connection, connection.wanted)
        super().lost(connection)


@faulty(
    "queue-dropped-at-end",
    breaks=("LEAVE-6",),
    note="a worker handles frames 3 ms later, and drops them where the stream has ended",
)
class QueueDroppedAtEnd(ChatServer):
    def handle_frame(self, connection, frame):
        self.loop.call_later(0.003, lambda: self.work(connection, frame))

    def work(self, connection, frame):
        if not connection.ended and not connection.closed:
            super().handle_frame(connection, frame)


@faulty(
    "last-private-dropped-at-end",
    breaks=("LEAVE-6", "ORDER-1"),
    note="the same for private messages alone",
    subtle=True,
)
class LastPrivateDroppedAtEnd(ChatServer):
    def on_private(self, connection, message):
        self.loop.call_later(0.003, lambda: self.work(connection, message))

    def work(self, connection, message):
        if connection.name is not None:
            super().on_private(connection, message)
