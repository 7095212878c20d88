"""The entries of the log: what a node asks for, and the hub has given its place."""

from typing import NamedTuple

JOIN, LEAVE, PUBLIC, PRIVATE, ERROR, ANNOUNCEMENT, BEAT, GONE, HELLO = "jlmpeabgh"


class Entry(NamedTuple):
    """One entry.

    Attributes:
        incarnation: of the node that asked; of the victim if a node is gone.
        connection: the number of its connection; 0 if it is about none.
        kind: what it does.
        body: JSON, or nothing.
    """

    incarnation: int
    connection: int
    kind: str
    body: bytes

    def line(self) -> bytes:
        return b"%d %d %s %s\n" % (self.incarnation, self.connection, self.kind.encode(), self.body)


def read_entry(line: bytes) -> Entry:
    incarnation, connection, kind, body = line.split(b" ", 3)
    return Entry(int(incarnation), int(connection), kind.decode(), body)
