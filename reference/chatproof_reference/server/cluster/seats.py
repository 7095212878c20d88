"""The connections of this node that take part in the shared chat, or ask to, by the numbers that they have there."""

from dataclasses import dataclass

from chatproof_reference.server.connection import Connection


@dataclass(slots=True)
class Seat:
    """What is known of one.

    Attributes:
        name: the one that it has, or last asked for.
        last: the number of the entry with the last thing that it asked for.
        is_joining: whether it awaits the verdict on its join.
        ending: why it ends, and its farewell, once its leave is on its way: what it asks for then has no effect.
    """

    connection: Connection
    number: int
    name: str = ""
    last: int = 0
    is_joining: bool = False
    ending: tuple[str, str] | None = None


class Seats:
    """Those of one session. Whoever changes them holds the session's lock."""

    def __init__(self) -> None:
        self._by_connection: dict[Connection, Seat] = {}
        self._by_number: dict[int, Seat] = {}
        self._count = 0
        self.joining = 0
        """How many await the verdict on their joins; changed under the lock of the fan-out, as who has joined is."""

    def get(self, connection: Connection) -> Seat | None:
        """Return the seat of a connection."""
        return self._by_connection.get(connection)

    def at(self, number: int) -> Seat | None:
        """Return the seat of a number."""
        return self._by_number.get(number)

    def take(self, connection: Connection) -> Seat:
        """Return the seat of a connection, a new one if it has none."""
        seat = self._by_connection.get(connection)
        if seat is None:
            self._count += 1
            seat = self._by_connection[connection] = self._by_number[self._count] = Seat(connection, self._count)
        return seat

    def leave(self, seat: Seat) -> None:
        """Forget one that has ended."""
        self._by_connection.pop(seat.connection, None)
        self._by_number.pop(seat.number, None)
