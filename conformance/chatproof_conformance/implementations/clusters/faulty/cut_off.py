"""Faults in what a node does when its way to the hub is cut or held, or when the hub stands still."""

import time

from catalogue import faulty
from cluster.entries import PUBLIC
from cluster.node import Node

_SOON_SECONDS = 0.5
_FOR_EVER = 1e9


@faulty(
    "asks-twice-after-a-cut",
    "when its connection to the hub was cut, a node asks again for all that it has not read back, known there or not",
    breaks=("CLUSTER-3",),
    cause="sent-again-after-a-loss",
)
def ask_again(self, taken):
    self.send_bytes(self.link, b"".join(self.unread))


@faulty(
    "forgets-what-a-cut-took",
    "a node never asks again for what its connection to the hub was cut before",
    breaks=("CLUSTER-3", "PUBLIC-1"),
    cause="message-lost-or-doubled",
)
def ask_again(self, taken):
    self.unread.clear()


@faulty(
    "skips-what-it-missed",
    "when its connection to the hub was cut, a node goes on with what comes next",
    breaks=("CLUSTER-3",),
    cause="lost-node-goes-on",
)
class SkipsWhatItMissed(Node):
    skipped = 0

    def apply(self, entry):
        if self.skipped and entry.kind == PUBLIC and entry.incarnation != self.incarnation:
            self.skipped -= 1
            self.position += 1
        else:
            super().apply(entry)

    def welcomed(self, incarnation, taken, users):
        super().welcomed(incarnation, taken, users)
        self.skipped = 2 if users is None else 0


@faulty(
    "asks-again-last-first",
    "when its connection to the hub was cut, a node asks again for what was lost, the last of it first",
    breaks=("CLUSTER-3", "ORDER-1"),
    cause="no-common-order",
)
def ask_again(self, taken):
    lost = list(self.unread)[taken - self.read_back :]
    self.send_bytes(self.link, b"".join(reversed(lost)))


@faulty(
    "does-not-know-it-is-alone",
    "a node that hears nothing of the hub waits for it for ever, and keeps its clients",
    breaks=("CLUSTER-4",),
    cause="lost-node-goes-on",
)
class DoesNotKnowItIsAlone(Node):
    away_seconds = _FOR_EVER


@faulty(
    "talks-alone",
    "a node that hears nothing of the hub delivers what its own clients say among them",
    breaks=("CLUSTER-4", "CLUSTER-3"),
    cause="lost-node-goes-on",
)
class TalksAlone(Node):
    away_seconds = _FOR_EVER

    def request(self, connection, message):
        is_alone = time.monotonic() - self.heard > _SOON_SECONDS
        if is_alone and message["type"] == "message" and connection.name is not None:
            self.tell_public((self.incarnation, 0), connection.name, message["content"])
        else:
            super().request(connection, message)


@faulty(
    "refuses-while-the-engine-rests",
    "a node that hears nothing of the hub refuses what its clients say with an error",
    breaks=("CLUSTER-3", "PUBLIC-1"),
    cause="valid-input-refused",
)
class RefusesWhileTheEngineRests(Node):
    def request(self, connection, message):
        if time.monotonic() - self.heard > _SOON_SECONDS:
            self.apply_error(connection, "invalid_message", "The server is busy")
        else:
            super().request(connection, message)


@faulty(
    "ends-all-at-a-hiccup",
    "a node that hears nothing of the hub for half a second ends its clients",
    breaks=("LEAVE-7",),
    cause="connection-ended-without-reason",
)
class EndsAllAtAHiccup(Node):
    away_seconds = _SOON_SECONDS


@faulty(
    "stays-shut",
    "a node that has ended its clients since it could not reach the hub accepts nobody any more",
    breaks=("CLUSTER-1",),
    cause="state-kept-per-node",
)
class StaysShut(Node):
    def apply_hello(self, incarnation, users):
        if not self.predecessor:
            super().apply_hello(incarnation, users)
