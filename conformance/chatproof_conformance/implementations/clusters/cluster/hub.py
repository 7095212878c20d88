"""The hub: gives all that the nodes ask for one order, and says which node is gone."""

import json
import sys
import time
from pathlib import Path

sys.path += [f"{sys.path[0]}/..", f"{sys.path[0]}/../../servers"]  # it is started by a node
from baseline.connection import Connection
from baseline.transport import Transport

from cluster.entries import BEAT, ERROR, GONE, HELLO, JOIN, LEAVE, Entry, read_entry
from cluster.members import Members

_LOOK_SECONDS = 0.2
_FIRST_SECONDS, _EMPTY_SECONDS = 20.0, 2.0
"""It ends if no node comes, or none is left for so long."""
_LOCAL = (ERROR, BEAT)


class Hub(Transport):
    """The connections here are those of nodes."""

    pending_bytes = 1 << 28

    def __init__(self, port_file: Path, lease: float) -> None:
        super().__init__()
        self.port_file = port_file
        self.lease = lease
        self.roster = Members()
        self.nodes: dict[Connection, int] = {}
        self.heard: dict[Connection, float] = {}
        self.incarnations = 0
        self.empty_since = time.monotonic() + _FIRST_SECONDS

    def started(self) -> None:
        fresh = self.port_file.with_suffix(".new")
        fresh.write_text(str(self.listener.getsockname()[1]))
        fresh.rename(self.port_file)
        self.loop.call_later(_LOOK_SECONDS, self.look)

    def connected(self, connection: Connection) -> None:
        self.incarnations += 1
        self.nodes[connection] = self.incarnations
        self.heard[connection] = time.monotonic()
        users = [[*user, name] for user, name in self.roster.names.items()]
        hello = Entry(self.incarnations, 0, HELLO, json.dumps(users).encode())
        self.send_bytes(connection, hello.line())

    def received(self, connection: Connection, data: bytes) -> None:
        self.heard[connection] = time.monotonic()
        *lines, connection.inbox = (connection.inbox + data).split(b"\n")
        for line in lines:
            self.append(connection, read_entry(line))

    def append(self, connection: Connection, entry: Entry) -> None:
        user = (entry.incarnation, entry.connection)
        if entry.kind == JOIN:
            name = json.loads(entry.body)
            if not self.roster.refuses(user, name):
                self.roster.add(user, name)
        elif entry.kind == LEAVE:
            self.roster.remove(user)
        for node in [connection] if entry.kind in _LOCAL else list(self.nodes):
            self.send_bytes(node, entry.line())

    def lost(self, connection: Connection) -> None:
        self.reap(connection)

    def reap(self, connection: Connection) -> None:
        """Let all know that a node is gone, itself too: what it asks from now on is not heard."""
        incarnation = self.nodes.get(connection)
        if incarnation is None:
            return
        for _, user in self.roster.of_node(incarnation):
            self.roster.remove(user)
        for node in self.nodes:
            self.send_bytes(node, Entry(incarnation, 0, GONE, b"").line())
        del self.nodes[connection]
        self.finish(connection)
        if not self.nodes:
            self.empty_since = time.monotonic()

    def look(self) -> None:
        now = time.monotonic()
        for connection in [one for one in self.nodes if self.lease and now - self.heard[one] > self.lease]:
            self.reap(connection)
        if not self.nodes and now - self.empty_since > _EMPTY_SECONDS:
            self.loop.running = False
        self.loop.call_later(_LOOK_SECONDS, self.look)


if __name__ == "__main__":
    Hub(Path(sys.argv[1]), float(sys.argv[2])).serve("127.0.0.1", 0)
