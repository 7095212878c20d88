"""Faults in what crosses from one node to another."""

from catalogue import faulty, subtle
from cluster.entries import PUBLIC
from cluster.node import Node

_MOST_AT_ONCE = 64


@faulty(
    "publics-stay-at-home",
    "public messages reach only those at the node of the sender",
    breaks=("PUBLIC-1", "CLUSTER-1"),
    cause="message-lost-or-doubled",
)
def tell_public(self, user, name, content):
    if user[0] == self.incarnation:
        Node.tell_public(self, user, name, content)


@faulty(
    "privates-stay-at-home",
    "a private message is delivered only at the node of its sender",
    breaks=("PRIVATE-1", "CLUSTER-1", "CONFIRM-1"),
    cause="state-kept-per-node",
)
def holder(self, user, target):
    found = Node.holder(self, user, target)
    return found if found is not None and found[0] == user[0] else None


@faulty(
    "privates-by-a-stale-table",
    "sends private messages by a table that forgets nobody of another node",
    breaks=("CONFIRM-2", "CLUSTER-1", "CLUSTER-2"),
    cause="recipients-remembered",
)
class PrivatesByAStaleTable(Node):
    def __init__(self, *where):
        super().__init__(*where)
        self.table = {}

    def tell_join(self, user, name):
        super().tell_join(user, name)
        self.table[name] = user

    def holder(self, user, target):
        found = super().holder(user, target)
        old = self.table.get(target)
        return found or (old if old is not None and old[0] != user[0] else None)


@faulty(
    "privates-to-the-whole-node",
    "a private message from another node reaches everyone at the node of its target",
    breaks=("PRIVATE-2", "CLUSTER-1", "JOIN-11", "PRIVATE-1"),
    cause="wrong-recipients",
)
class PrivatesToTheWholeNode(Node):
    def apply_private(self, user, own, target, content):
        self.comes_from_elsewhere = own is None
        super().apply_private(user, own, target, content)

    def deliver_to(self, target, message):
        if self.comes_from_elsewhere:
            self.broadcast(message)
        else:
            super().deliver_to(target, message)


@faulty(
    "order-per-node",
    "delivers to its own users at once, to others when it has come back",
    breaks=("ORDER-3", "CLUSTER-3", "CLUSTER-1", "ORDER-1", "ORDER-2"),
    cause="no-common-order",
)
class OrderPerNode(Node):
    def request(self, connection, message):
        super().request(connection, message)
        if message["type"] == "message" and connection.name is not None:
            self.tell_public((0, 0), connection.name, message["content"])
            self.told.add((self.number_of.get(connection, 0), message["content"]))

    def __init__(self, *where):
        super().__init__(*where)
        self.told = set()

    def apply_public(self, user, own, content):
        if own is None or (user[1], content) not in self.told:
            super().apply_public(user, own, content)
        self.told.discard((user[1], content) if own is not None else None)


@faulty(
    "errors-at-once",
    "answers what it can refuse by itself before what is on its way",
    breaks=("ORDER-1", "FRAME-3"),
    cause="several-paths-to-a-client",
)
def answer_error(self, connection, refused):
    self.send(connection, self.error(refused))


@subtle(
    "cut-between-nodes",
    "what crosses from one node to another has a field of 255 characters",
    breaks=("PUBLIC-2", "CLUSTER-1", "FRAME-4", "PUBLIC-1"),
    cause="content-changed",
)
def tell_public(self, user, name, content):
    Node.tell_public(self, user, name, content if user[0] == self.incarnation else content[:255])


@faulty(
    "announces-at-one-node",
    "what is announced at a node is told there",
    breaks=("SERVER-1",),
    cause="announcement-lost",
)
def apply_announcement(self, user, text):
    if user[0] == self.incarnation:
        Node.apply_announcement(self, user, text)


@subtle(
    "drops-a-full-batch",
    "of more than 64 messages of another node that come at once it drops the rest",
    breaks=("PUBLIC-1", "CLUSTER-1", "CLUSTER-3", "FRAME-3"),
    cause="message-lost-or-doubled",
)
class DropsAFullBatch(Node):
    room = _MOST_AT_ONCE

    def received(self, connection, data):
        self.room = _MOST_AT_ONCE
        super().received(connection, data)

    def apply(self, entry):
        if entry.kind == PUBLIC and entry.incarnation != self.incarnation:
            self.room -= 1
            if self.room < 0:
                return
        super().apply(entry)
