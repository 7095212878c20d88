"""Faults under many clients, slow ones and silent ones (LOAD)."""

from baseline.chat import ChatServer
from catalogue import faulty
from helpers import block, with_room_for

faulty("thirty-two-clients", breaks=("LOAD-1",), note="has room for 32 clients")(with_room_for(32))


@faulty("forty-eight-hear", breaks=("LOAD-1", "PUBLIC-1", "JOIN-1"), note="sends to the first 48 only", subtle=True)
def audience(self, message):
    return list(ChatServer.audience(self, message))[:48]


@faulty("blocking-send", breaks=("LOAD-2", "LOAD-4", "STOP-1"), note="waits until a client takes what it is sent")
def flush(self, connection):
    ChatServer.flush(self, connection)
    while connection.outbox and not connection.closed and block(self, connection, until="writable"):
        ChatServer.flush(self, connection)


@faulty(
    "slow-reader-slows-all",
    breaks=("LOAD-2",),
    note="reads from nobody while 256 KiB wait for one client",
    subtle=True,
)
class SlowReaderSlowsAll(ChatServer):
    eager_bytes = 65_536
    pending_bytes = 1 << 40

    def settle(self):
        super().settle()
        for connection in list(self.connections):
            while len(connection.outbox) > 262_144 and block(self, connection, until="writable"):
                self.flush(connection)


@faulty("blocking-handshake", breaks=("LOAD-3",), note="accepts nobody and serves nobody until a client sends its join")
def connected(self, connection):
    block(self, connection, until="readable")


@faulty("half-frame-blocks", breaks=("LOAD-3",), note="serves nobody until a begun frame is ended", subtle=True)
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


@faulty("unbounded-outbox", breaks=("LOAD-4",), note="keeps everything for a client that stops reading")
class UnboundedOutbox(ChatServer):
    pending_bytes = 1 << 40
