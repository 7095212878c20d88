"""Faults under many clients, slow ones and silent ones (LOAD)."""

from baseline.chat import ChatServer
from catalogue import faulty, subtle
from helpers import block, with_room_for

faulty("thirty-two-clients", "has room for 32 clients", breaks=("LOAD-1",))(with_room_for(32))


@subtle("forty-eight-hear", "sends to the first 48 only", breaks=("LOAD-1", "PUBLIC-1", "JOIN-1"))
def audience(self, message):
    return list(ChatServer.audience(self, message))[:48]


@faulty("blocking-send", "waits until a client takes what it is sent", breaks=("LOAD-2", "LOAD-4", "STOP-1"))
def flush(self, connection):
    ChatServer.flush(self, connection)
    while connection.outbox and not connection.closed and block(self, connection, until="writable"):
        ChatServer.flush(self, connection)


@subtle("slow-reader-slows-all", "reads from nobody while 256 KiB wait for one client", breaks=("LOAD-2",))
class SlowReaderSlowsAll(ChatServer):
    eager_bytes = 65_536
    pending_bytes = 1 << 40

    def settle(self):
        super().settle()
        for connection in list(self.connections):
            while len(connection.outbox) > 262_144 and block(self, connection, until="writable"):
                self.flush(connection)


@faulty("blocking-handshake", "accepts nobody and serves nobody until a client sends its join", breaks=("LOAD-3",))
def connected(self, connection):
    block(self, connection, until="readable")


@subtle("half-frame-blocks", "serves nobody until a begun frame is ended", breaks=("LOAD-3",))
class HalfFrameBlocks(ChatServer):
    def received(self, connection, data):
        super().received(connection, data)
        while connection.inbox and not connection.ended and block(self, connection, until="readable"):
            self.read_more(connection)

    def read_more(self, connection):
        try:
            data = self.receive(connection)
        except OSError:
            self.was_reset(connection)
            connection.inbox = b""
            return
        if data:
            super().received(connection, data)
        else:
            self.reached_end(connection)


@faulty("unbounded-outbox", "keeps everything for a client that stops reading", breaks=("LOAD-4",))
class UnboundedOutbox(ChatServer):
    pending_bytes = 1 << 40
