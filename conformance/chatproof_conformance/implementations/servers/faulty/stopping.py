"""Faults in how the server stops (STOP)."""

import socket

from baseline.chat import ChatServer
from catalogue import faulty, subtle
from helpers import delaying


def reset(server, connection):
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    server.close(connection)


@faulty("stops-by-reset", "resets its connections when it stops", breaks=("STOP-1",), cause="close-with-unread-data")
def end_connections(self):
    while self.unsent:
        self.flush(self.unsent.popitem()[0])
    for connection in list(self.connections):
        reset(self, connection)


faulty("stops-slowly", "takes seven seconds to stop", breaks=("STOP-1",), cause="stop-waits-for-clients")(
    delaying("end_connections", 7)
)


@subtle(
    "stop-resets-guests", "resets connections that have not joined", breaks=("STOP-1",), cause="close-with-unread-data"
)
def end_connections(self):
    for connection in list(self.connections):
        if connection.name is None:
            reset(self, connection)
    ChatServer.end_connections(self)


@subtle(
    "stop-waits-for-half-frames",
    "waits for begun frames to be ended",
    breaks=("STOP-1",),
    cause="stop-waits-for-clients",
)
class StopWaitsForHalfFrames(ChatServer):
    def finish(self, connection):
        if self.stopping and connection.inbox and not connection.ended:
            self.loop.call_later(8, lambda: self.close(connection))
        else:
            super().finish(connection)

    def cut_short(self):
        for connection in list(self.connections):
            if not connection.inbox:
                self.shut_down(connection)


@faulty("stops-without-a-word", "tells nobody that it stops", breaks=("STOP-2",), cause="stop-not-handled")
def say_goodbye(self):
    pass


@faulty("port-stays-taken", "does not set SO_REUSEADDR", breaks=("STOP-3",), cause="no-reuse-address")
def set_listener_options(self, listener):
    pass
