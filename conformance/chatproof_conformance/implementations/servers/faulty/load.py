"""Faults under many clients, slow ones and silent ones (LOAD)."""

from baseline.chat import ChatServer
from catalogue import faulty, subtle
from helpers import block, with_room_for

faulty("thirty-two-clients", "has room for 32 clients", breaks=("LOAD-1",), cause="too-few-clients")(with_room_for(32))


@subtle(
    "forty-eight-hear", "sends to the first 48 only", breaks=("LOAD-1", "PUBLIC-1", "JOIN-1"), cause="too-few-clients"
)
def audience(self, message):
    return list(ChatServer.audience(self, message))[:48]


@faulty(
    "blocking-send",
    "waits until a client takes what it is sent",
    breaks=("LOAD-2", "LOAD-4", "STOP-1"),
    cause="waits-for-slow-client",
)
def flush(self, connection):
    ChatServer.flush(self, connection)
    while connection.outbox and not connection.closed and block(self, connection, until="writable"):
        ChatServer.flush(self, connection)


@subtle(
    "slow-reader-slows-all",
    "reads from nobody while 256 KiB wait for one client",
    breaks=("LOAD-2",),
    cause="waits-for-slow-client",
)
class SlowReaderSlowsAll(ChatServer):
    eager_bytes = 65_536
    pending_bytes = 1 << 40

    def settle(self):
        super().settle()
        for connection in list(self.connections):
            while len(connection.outbox) > 262_144 and block(self, connection, until="writable"):
                self.flush(connection)


@faulty(
    "blocking-handshake",
    "accepts nobody and serves nobody until a client sends its join",
    breaks=("LOAD-3",),
    cause="waits-for-unfinished-frame",
)
def connected(self, connection):
    block(self, connection, until="readable")


@subtle(
    "half-frame-blocks",
    "serves nobody until a begun frame is ended",
    breaks=("LOAD-3",),
    cause="waits-for-unfinished-frame",
)
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


@faulty(
    "unbounded-outbox",
    "keeps everything for a client that stops reading",
    breaks=("LOAD-4",),
    cause="queue-without-bound",
)
class UnboundedOutbox(ChatServer):
    pending_bytes = 1 << 40


@faulty(
    "burst-of-16-kib-drops", "drops a client for which 16 KiB wait", breaks=("LOAD-5",), cause="dropped-for-a-burst"
)
class BurstDrops(ChatServer):
    burst_bytes = 16_384

    def send_bytes(self, connection, data):
        super().send_bytes(connection, data)
        if len(connection.outbox) > self.burst_bytes and not connection.deaf:
            connection.deaf = True
            self.overflowed.append(connection)


@subtle(
    "burst-of-48-kib-drops", "drops a client for which 48 KiB wait", breaks=("LOAD-5",), cause="dropped-for-a-burst"
)
class LargerBurstDrops(BurstDrops):
    burst_bytes = 49_152
