"""Faults in what the end of a connection causes (LEAVE)."""

import time

from baseline.chat import ChatServer
from catalogue import faulty, subtle


@faulty("leaves-untold", "tells no leave", breaks=("LEAVE-1", "LEAVE-2", "LEAVE-3"), cause="leave-notice-forgotten")
def send_leave_notice(self, connection, name):
    pass


@faulty(
    "leaves-told-twice",
    "reader and writer both tell a leave",
    breaks=("LEAVE-1", "LEAVE-2"),
    cause="leave-notice-forgotten",
)
def send_leave_notice(self, connection, name):
    ChatServer.send_leave_notice(self, connection, name)
    ChatServer.send_leave_notice(self, connection, name)


@faulty(
    "leave-names-nobody",
    "its leave notice names nobody",
    breaks=("LEAVE-1", "LEAVE-2", "LEAVE-3"),
    cause="notice-in-other-words",
)
def leave_text(self, name):
    return "A user left the chat"


@subtle(
    "half-frame-hides-leave",
    "tells no leave that follows half a frame",
    breaks=("LEAVE-1",),
    cause="leave-notice-forgotten",
)
def send_leave_notice(self, connection, name):
    if not connection.inbox or not connection.ended:
        ChatServer.send_leave_notice(self, connection, name)


@subtle(
    "second-leave-untold",
    "tells each name's leave once only",
    breaks=("LEAVE-1", "LEAVE-2"),
    cause="leave-notice-forgotten",
)
def send_leave_notice(self, connection, name):
    self.left_before = getattr(self, "left_before", set())
    if name not in self.left_before:
        ChatServer.send_leave_notice(self, connection, name)
    self.left_before.add(name)


@faulty(
    "resets-unnoticed",
    "a reset connection stays joined for ever",
    breaks=("LEAVE-2", "LEAVE-4"),
    cause="reset-not-handled",
)
def was_reset(self, connection):
    self.close(connection)


@faulty("reset-told-twice", "tells a leave by reset twice", breaks=("LEAVE-2",), cause="leave-notice-forgotten")
def was_reset(self, connection):
    name = connection.name
    ChatServer.was_reset(self, connection)
    if name is not None:
        self.send_leave_notice(connection, name)


@subtle(
    "reset-after-error-unnoticed",
    "does not notice the reset of a connection that once had an error",
    breaks=("LEAVE-2", "LEAVE-4"),
    cause="reset-not-handled",
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


@subtle(
    "reset-in-frame-unnoticed",
    "does not notice a reset in the middle of a frame",
    breaks=("LEAVE-2", "LEAVE-4"),
    cause="reset-not-handled",
)
def was_reset(self, connection):
    if connection.inbox:
        self.close(connection)
    else:
        ChatServer.was_reset(self, connection)


@faulty("leave-in-other-words", "says NAME has gone", breaks=("LEAVE-3",), cause="notice-in-other-words")
def leave_text(self, name):
    return f"{name} has gone"


@faulty("names-never-freed", "keeps the names of those who left", breaks=("LEAVE-4",), cause="name-freed-late")
class NamesNeverFreed(ChatServer):
    def register(self, connection, name):
        self.used = getattr(self, "used", set()) | {name}
        super().register(connection, name)

    def is_taken(self, name):
        return name in getattr(self, "used", ())


@subtle("names-freed-late", "frees a name 300 ms after its leave is told", breaks=("LEAVE-4",), cause="name-freed-late")
class NamesFreedLate(ChatServer):
    held: frozenset = frozenset()

    def send_leave_notice(self, connection, name):
        self.held |= {name}
        self.loop.call_later(0.3, lambda: self.free(name))
        super().send_leave_notice(connection, name)

    def free(self, name):
        self.held -= {name}

    def is_taken(self, name):
        return super().is_taken(name) or name in self.held


@subtle("second-leave-keeps-name", "a name used twice is not freed again", breaks=("LEAVE-4",), cause="name-freed-late")
class SecondLeaveKeepsName(ChatServer):
    def send_leave_notice(self, connection, name):
        self.left = [*getattr(self, "left", []), name]
        super().send_leave_notice(connection, name)

    def is_taken(self, name):
        return super().is_taken(name) or getattr(self, "left", []).count(name) >= 2


@faulty(
    "guests-leave-aloud",
    "tells the end of connections that never joined",
    breaks=("LEAVE-5",),
    cause="leave-notice-forgotten",
)
def lost(self, connection):
    if connection.name is None:
        self.send_leave_notice(connection, "None")
    ChatServer.lost(self, connection)


@subtle(
    "refused-leave-aloud",
    "tells that a name left when a connection refused for it ends",
    breaks=("LEAVE-5", "JOIN-4", "LEAVE-1"),
    cause="leave-notice-forgotten",
)
class RefusedLeaveAloud(ChatServer):
    def on_taken_name(self, connection, name):
        connection.refused_name = name
        super().on_taken_name(connection, name)

    def lost(self, connection):
        if connection.name is None and hasattr(connection, "refused_name"):
            self.send_leave_notice(connection, connection.refused_name)
        super().lost(connection)


@faulty(
    "queue-dropped-at-end",
    "a worker handles frames 3 ms later, and drops them where the stream has ended",
    breaks=("LEAVE-6",),
    cause="leave-before-last-frames",
)
class QueueDroppedAtEnd(ChatServer):
    def handle_frame(self, connection, frame):
        self.loop.call_later(0.003, lambda: self.work(connection, frame))

    def work(self, connection, frame):
        if not connection.ended and not connection.closed:
            super().handle_frame(connection, frame)


@subtle(
    "last-private-dropped-at-end",
    "the same for private messages alone",
    breaks=("LEAVE-6", "ORDER-1"),
    cause="leave-before-last-frames",
)
class LastPrivateDroppedAtEnd(ChatServer):
    def on_private(self, connection, message):
        self.loop.call_later(0.003, lambda: self.work(connection, message))

    def work(self, connection, message):
        if connection.name is not None:
            super().on_private(connection, message)


@faulty(
    "idle-ended",
    "ends a client that has sent nothing for 2 s",
    breaks=("LEAVE-7",),
    cause="connection-ended-without-reason",
)
class IdleEnded(ChatServer):
    def register(self, connection, name):
        super().register(connection, name)
        self.watch_idle(connection)

    def received(self, connection, data):
        connection.sent_at = time.monotonic()
        super().received(connection, data)

    def watch_idle(self, connection):
        if connection.name and time.monotonic() - connection.sent_at > 2:
            self.drop(connection)
        elif connection.name:
            self.loop.call_later(0.2, lambda: self.watch_idle(connection))


@subtle(
    "listener-ended",
    "ends a client that has said nothing in the 3 s after its join",
    breaks=("LEAVE-7",),
    cause="connection-ended-without-reason",
)
class ListenerEnded(ChatServer):
    def register(self, connection, name):
        super().register(connection, name)
        connection.spoke = False
        self.loop.call_later(3, lambda: self.end_listener(connection))

    def dispatch(self, connection, message):
        connection.spoke = True
        super().dispatch(connection, message)

    def end_listener(self, connection):
        if connection.name and not connection.spoke:
            self.drop(connection)
