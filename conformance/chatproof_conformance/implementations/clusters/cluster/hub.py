"""The hub: gives all that the nodes ask for one order, and says which node is gone.

``hub.py --port PORT`` starts it.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "servers")]
from baseline.connection import Connection
from baseline.transport import Transport

from cluster.entries import BEAT, ERROR, GONE, HELLO, JOIN, LEAVE, Entry, read_entry
from cluster.members import Members

_LOOK_SECONDS = 0.2
_STOOD_STILL_SECONDS = 1.0
_GRACE_SECONDS = 1.0
"""A node whose connection was lost may take it up again for so long."""
_LOCAL = (ERROR, BEAT)


class Seat:
    """What the hub knows of one node.

    Attributes:
        incarnation: the number of the node; no other one has ever had it.
        connection: None while it has none.
        lease: it is gone if it is silent for so many seconds; 0: it never is.
        heard: when it last said anything, or lost its connection.
        taken: how many things of it have got their place.
        sent: the lines for it that it has not acknowledged.
        acknowledged: how many lines for it came before these.
    """

    def __init__(self, incarnation: int, connection: Connection, lease: float) -> None:
        self.incarnation = incarnation
        self.connection: Connection | None = connection
        self.lease = lease
        self.heard = time.monotonic()
        self.taken = 0
        self.sent: list[bytes] = []
        self.acknowledged = 0

    def acknowledge(self, position: int) -> None:
        del self.sent[: max(0, position - self.acknowledged)]
        self.acknowledged = max(position, self.acknowledged)

    def is_gone(self, now: float) -> bool:
        silent = now - self.heard
        return silent > _GRACE_SECONDS if self.connection is None else 0 < self.lease < silent


class Hub(Transport):
    """The connections here are those of nodes."""

    pending_bytes = 1 << 28

    def __init__(self) -> None:
        super().__init__()
        self.roster = Members()
        self.seats: dict[int, Seat] = {}
        self.seat_of: dict[Connection, Seat] = {}
        self.incarnations = time.time_ns()  # a hub that follows this one uses none of its numbers
        self.looked = time.monotonic()

    def started(self) -> None:
        self.loop.call_later(_LOOK_SECONDS, self.look)

    def received(self, connection: Connection, data: bytes) -> None:
        *lines, connection.inbox = (connection.inbox + data).split(b"\n")
        for line in lines:
            entry = read_entry(line)
            if connection in self.seat_of:
                self.append(self.seat_of[connection], entry)
            elif entry.kind == HELLO and not connection.finishing:
                self.welcome(connection, entry)

    def welcome(self, connection: Connection, entry: Entry) -> None:
        """Let a node go on where it was, if that is known; else bury who it was, and let it begin anew."""
        lease, goes_on = json.loads(entry.body)
        seat, position = self.seats.get(entry.incarnation), entry.connection
        if goes_on and seat is not None and position >= seat.acknowledged:
            self.take_up(seat, connection, position)
            return
        if seat is not None:
            self.reap(seat)
        self.incarnations += 1
        seat = Seat(self.incarnations, connection, lease)
        self.seats[seat.incarnation] = self.seat_of[connection] = seat
        users = [[*user, name] for user, name in self.roster.names.items()]
        self.send_bytes(connection, Entry(seat.incarnation, 0, HELLO, json.dumps(users).encode()).line())

    def take_up(self, seat: Seat, connection: Connection, position: int) -> None:
        if seat.connection is not None:
            del self.seat_of[seat.connection]
            self.finish(seat.connection)
        seat.connection, seat.heard = connection, time.monotonic()
        self.seat_of[connection] = seat
        self.send_bytes(connection, Entry(seat.incarnation, seat.taken, HELLO, b"").line())
        seat.acknowledge(position)
        self.send_bytes(connection, b"".join(seat.sent))

    def append(self, seat: Seat, entry: Entry) -> None:
        seat.heard = time.monotonic()
        seat.taken += 1
        user = (entry.incarnation, entry.connection)
        if entry.kind == GONE:
            self.reap(seat)
            return
        if entry.kind == JOIN:
            name = json.loads(entry.body)
            if not self.roster.refuses(user, name):
                self.roster.add(user, name)
        elif entry.kind == LEAVE:
            self.roster.remove(user)
        elif entry.kind == BEAT:
            seat.acknowledge(json.loads(entry.body))
        for one in [seat] if entry.kind in _LOCAL else list(self.seats.values()):
            self.tell(one, entry.line())

    def tell(self, seat: Seat, line: bytes) -> None:
        seat.sent.append(line)
        if seat.connection is not None:
            self.send_bytes(seat.connection, line)

    def lost(self, connection: Connection) -> None:
        seat = self.seat_of.pop(connection, None)
        if seat is not None:
            seat.connection, seat.heard = None, time.monotonic()

    def reap(self, seat: Seat) -> None:
        """Let all know that a node is gone, itself too: what it asks from now on is not heard."""
        for _, user in self.roster.of_node(seat.incarnation):
            self.roster.remove(user)
        for one in self.seats.values():
            self.tell(one, Entry(seat.incarnation, 0, GONE, b"").line())
        del self.seats[seat.incarnation]
        if seat.connection is not None:
            del self.seat_of[seat.connection]
            self.finish(seat.connection)

    def look(self) -> None:
        now = time.monotonic()
        if now - self.looked > _STOOD_STILL_SECONDS:  # then it was not the nodes that were silent
            for seat in self.seats.values():
                seat.heard = now
        self.looked = now
        for seat in [one for one in self.seats.values() if one.is_gone(now)]:
            self.reap(seat)
        self.loop.call_later(_LOOK_SECONDS, self.look)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Start the hub of the clusters that prove the harness.")
    parser.add_argument("--port", type=int, required=True)
    Hub().serve("127.0.0.1", parser.parse_args().port)
