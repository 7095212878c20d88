"""Faults in who has which name, and who is told of it."""

from catalogue import faulty, subtle
from cluster.node import Node

_LATE_SECONDS = 0.5
_UNSEEN_ENTRIES = 8
_RESET = "reset: "


@faulty(
    "names-per-node",
    "each node checks names among its own users only",
    breaks=("JOIN-4", "CLUSTER-1", "JOIN-6", "LEAVE-4", "JOIN-5"),
    cause="state-kept-per-node",
)
def refusal(self, user, name):
    code = Node.refusal(self, user, name)
    elsewhere = code == "username_taken" and self.roster.users[name][0] != user[0]
    return "" if elsewhere else code


@subtle(
    "names-known-late",
    "a name that was taken at another node a moment ago is given once more",
    breaks=("JOIN-6", "CLUSTER-1", "JOIN-4"),
    cause="state-kept-per-node",
)
class NamesKnownLate(Node):
    def __init__(self, *where):
        super().__init__(*where)
        self.taken = {}
        self.entries = 0

    def apply(self, entry):
        self.entries += 1
        super().apply(entry)

    def refusal(self, user, name):
        code = super().refusal(user, name)
        number, node = self.taken.get(name, (0, 0))
        if code == "username_taken" and node != user[0] and self.entries - number < _UNSEEN_ENTRIES:
            return ""
        if not code:
            self.taken[name] = (self.entries, user[0])
        return code


@faulty(
    "taken-by-a-replica",
    "refuses a name at once if its copy of the names has it, which forgets them half a second late",
    breaks=("LEAVE-4", "ORDER-1", "JOIN-1", "JOIN-10"),
    cause="name-freed-late",
)
class TakenByAReplica(Node):
    def __init__(self, *where):
        super().__init__(*where)
        self.copy = set()

    def tell_join(self, user, name):
        super().tell_join(user, name)
        self.copy.add(name)

    def tell_leave(self, user, name):
        super().tell_leave(user, name)
        self.loop.call_later(_LATE_SECONDS, lambda: self.copy.intersection_update(self.roster.users))

    def request(self, connection, message):
        if message["type"] == "join" and connection.name is None and message["username"] in self.copy:
            self.apply_error(connection, "username_taken", "Username already taken")
        else:
            super().request(connection, message)


@faulty(
    "joins-told-at-home",
    "tells a join only at the node of who joins",
    breaks=("JOIN-1", "CLUSTER-1", "ORDER-2"),
    cause="state-kept-per-node",
)
def tell_join(self, user, name):
    if user[0] == self.incarnation:
        Node.tell_join(self, user, name)


@faulty(
    "leaves-told-at-home",
    "tells a leave only at the node of who leaves",
    breaks=("LEAVE-1", "CLUSTER-1", "LEAVE-2", "CLUSTER-2"),
    cause="leave-notice-forgotten",
)
def tell_leave(self, user, name):
    if user[0] == self.incarnation:
        Node.tell_leave(self, user, name)


@faulty(
    "resets-told-at-home",
    "tells a leave by reset only at the node of who leaves",
    breaks=("LEAVE-2", "CLUSTER-1"),
    cause="reset-not-handled",
)
class ResetsToldAtHome(Node):
    def __init__(self, *where):
        super().__init__(*where)
        self.reset = set()

    def was_reset(self, connection):
        if connection is not self.link and connection.name is not None:
            self.ask(0, "a", _RESET + connection.name)
        super().was_reset(connection)

    def apply_announcement(self, user, text):
        if text.startswith(_RESET):
            self.reset.add(text.removeprefix(_RESET))
        else:
            super().apply_announcement(user, text)

    def tell_leave(self, user, name):
        if name not in self.reset or user[0] == self.incarnation:
            super().tell_leave(user, name)
        self.reset.discard(name)
