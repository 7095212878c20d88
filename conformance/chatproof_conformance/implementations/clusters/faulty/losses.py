"""Faults in what happens when a node is lost."""

import time

from catalogue import faulty
from cluster.entries import JOIN, PUBLIC
from cluster.node import Node

_STALL_SECONDS = 1.2
_LATE_SECONDS = 30.0
_LONG_LEASE = 60.0
"""So that a pause is survived; it also keeps the users of a node that is paused for long."""


@faulty(
    "dead-users-stay",
    "the users of a node that has died never leave",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
def apply_gone(self, incarnation):
    if incarnation == self.incarnation:
        self.fence()


@faulty(
    "dead-users-leave-twice",
    "two nodes tell the leaves of a node that has died",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
def tell_gone(self, user, name):
    Node.tell_gone(self, user, name)
    Node.tell_gone(self, user, name)


@faulty(
    "dead-users-leave-silently",
    "frees the names of a node that has died, and tells nobody",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
def tell_gone(self, user, name):
    pass


@faulty(
    "dead-names-taken",
    "tells the leaves of a node that has died, and keeps the names",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
class DeadNamesTaken(Node):
    def __init__(self, *where):
        super().__init__(*where)
        self.dead = set()

    def tell_gone(self, user, name):
        super().tell_gone(user, name)
        self.dead.add(name)

    def refusal(self, user, name):
        return "username_taken" if name in self.dead else super().refusal(user, name)


@faulty(
    "dead-users-get-mail",
    "confirms private messages to users of a node that has died",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
class DeadUsersGetMail(Node):
    def __init__(self, *where):
        super().__init__(*where)
        self.dead = {}

    def tell_gone(self, user, name):
        super().tell_gone(user, name)
        self.dead[name] = user

    def holder(self, user, target):
        return super().holder(user, target) or self.dead.get(target)


@faulty(
    "leaves-told-late",
    "tells the leaves of a node that has died half a minute later",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
def tell_gone(self, user, name):
    self.loop.call_later(_LATE_SECONDS, lambda: Node.tell_gone(self, user, name))


@faulty(
    "silent-nodes-stay",
    "only the end of a connection shows that a node is lost: who is paused stays for ever",
    breaks=("CLUSTER-2",),
    cause="lost-node-remembered",
)
class SilentNodesStay(Node):
    lease = 0.0


@faulty(
    "paused-node-goes-on",
    "a node that was taken for gone joins the cluster anew, and keeps its clients",
    breaks=("CLUSTER-3", "CLUSTER-5"),
    cause="lost-node-goes-on",
)
class PausedNodeGoesOn(Node):
    away_seconds = 1e9

    def apply_gone(self, incarnation):
        if incarnation != self.incarnation:
            super().apply_gone(incarnation)

    def end_clients(self):
        pass


@faulty(
    "paused-users-speak-on",
    "a node that was taken for gone lets its users join again under their names, as if they had never left",
    breaks=("CLUSTER-5", "CLUSTER-3", "CLUSTER-2"),
    cause="lost-node-goes-on",
)
class PausedUsersSpeakOn(PausedNodeGoesOn):
    def apply_hello(self, incarnation, users):
        super().apply_hello(incarnation, users)
        for name, connection in list(self.joined.items()):
            self.ask(self.number_of[connection], JOIN, name)


@faulty(
    "forgets-what-waits",
    "a node that wakes up after a second drops what has come meanwhile, and goes on",
    breaks=("CLUSTER-3", "CLUSTER-2"),
    cause="lost-node-goes-on",
)
class ForgetsWhatWaits(Node):
    lease = _LONG_LEASE

    def received(self, connection, data):
        stalled = time.monotonic() - self.heard > _STALL_SECONDS
        if connection is self.link and stalled and self.is_linked:
            self.heard = time.monotonic()
            connection.inbox = data[data.rfind(b"\n") + 1 :]
            return
        super().received(connection, data)


@faulty(
    "sends-again-after-a-stall",
    "a node that has stood still sends its last messages again, which may have arrived",
    breaks=("CLUSTER-3", "CLUSTER-2"),
    cause="sent-again-after-a-loss",
)
class SendsAgainAfterAStall(Node):
    lease = _LONG_LEASE

    def __init__(self, *where):
        super().__init__(*where)
        self.last, self.beaten = [], time.monotonic()

    def ask(self, number, kind, *body):
        super().ask(number, kind, *body)
        if kind == PUBLIC:
            self.last = [*self.last[-2:], (number, body[0])]

    def beat(self):
        if time.monotonic() - self.beaten > _STALL_SECONDS:
            for number, content in self.last:
                Node.ask(self, number, PUBLIC, content)
        self.beaten = time.monotonic()
        super().beat()


@faulty(
    "others-end-with-the-dead",
    "when a node dies, the others end their clients, too",
    breaks=("LEAVE-7", "CLUSTER-3"),
    cause="connection-ended-without-reason",
)
def apply_gone(self, incarnation):
    self.fence()


@faulty(
    "never-comes-back",
    "a node that was started again accepts nobody",
    breaks=("CLUSTER-1",),
    cause="state-kept-per-node",
)
class NeverComesBack(Node):
    def apply_hello(self, incarnation, users):
        if self.is_first():
            super().apply_hello(incarnation, users)

    def is_first(self):
        try:
            self.shared.joinpath(f"first-{self.listener.getsockname()[1]}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
