"""Faults in how the server stops (STOP)."""

import socket

from baseline.chat import ChatServer
from catalogue import faulty
from helpers import delaying


def reset(server, connection):
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    server.close(connection)


@faulty("stops-by-reset", breaks=("STOP-1",), note="resets its connections when it stops")
def end_connections(self):
    while self.unsent:
        self.flush(self.unsent.popitem()[0])
    for connection in list(self.connections):
        reset(self, connection)


faulty("stops-slowly", breaks=("STOP-1",), note="takes seven seconds to stop")(delaying("end_connections", 7))


@faulty("stop-resets-guests", breaks=("STOP-1",), note="resets connections that have not joined", subtle=True)
def end_connections(self):
    for connection in list(self.connections):
        if connection.name is None:
            reset(self, connection)
    ChatServer.end_connections(self)


@faulty("stop-waits-for-half-frames", breaks=("STOP-1",), note="waits for begun frames to be ended", subtle=True)
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


@faulty("stops-without-a-word", breaks=("STOP-2",), note="tells nobody that it stops")
def say_goodbye(self):
    pass


@faulty("port-stays-taken", breaks=("STOP-3",), note="does not set SO_REUSEADDR")
def set_listener_options(self, listener):
    pass
