"""Who held which name when, as far as a recording proves it, and which joins that makes right.

A client is joined from a moment between its join being sent and the first sight of the join notice, until a moment
between its end and the first sight of the leave notice. Moments are indices of events.
"""

import functools
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.spans import Spans

_FEW = 8
"""So many holders of a name are looked at one by one."""


@dataclass(slots=True, eq=False)
class Member:
    """A connection that joined, or may have.

    Attributes:
        connection: which one.
        name: the name that it holds.
        join: the frame by which it joined.
        asked: it was not joined before this event.
        joined: it was joined at this event; FOREVER if that is not known.
        left_from: it was joined until this event, if it ever was.
        left_by: it had left at this event; FOREVER if nobody saw that.
    """

    connection: RecordedConnection
    name: str
    join: SentFrame
    asked: int
    joined: int
    left_from: int
    left_by: int = FOREVER

    def certain(self, first: int, last: int) -> bool:
        """Whether it was joined throughout the events from first to last."""
        return self.joined <= first and self.left_from >= last

    def possible(self, first: int, last: int) -> bool:
        """Whether it may have been joined at some moment between the events first and last."""
        return self.asked < last and self.left_by > first


@dataclass(slots=True)
class Members:
    """All members of the recording.

    Attributes:
        by_name: the holders of each name, in the order of their joining.
        of: the member that a connection is; if it is unknown which of its joins succeeded, by the first.
        strangers: names that others than the members seem to hold, or may hold as their join got no answer.
        disputed: names that two held at once: that is the fault, and what comes under them proves nothing.
    """

    by_name: dict[str, list[Member]] = field(default_factory=dict)
    of: dict[RecordedConnection, Member] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    disputed: set[str] = field(default_factory=set)
    _spans: dict[str, Spans] = field(default_factory=dict)
    _folded: dict[str, list[str]] = field(default_factory=dict)
    _lengths: set[int] = field(default_factory=set)

    def holders(self, name: str, first: int, last: int) -> list[Member]:
        """Return who may have held a name at some moment between two events."""
        every = self.by_name.get(name, [])
        if len(every) > _FEW and name not in self._spans:
            self._spans[name] = Spans([(member.asked, member.left_by) for member in every])
        low, high = self._spans[name].between(first, last) if len(every) > _FEW else (0, len(every))
        return [member for member in every[low:high] if member.possible(first, last)]

    def names_in(self, text: str) -> list[str]:
        """Return the held names in a text, but for those that are parts of others in it."""
        self._lengths = self._lengths or {len(name) for name in self.by_name if name}
        parts = {text[at : at + length] for length in self._lengths for at in range(len(text) - length + 1)}
        names = [part for part in parts if part in self.by_name]
        return [name for name in names if not any(name in other and name != other for other in names)]

    def similar_to(self, name: str) -> list[str]:
        """Return the other names that are equal to that one for whoever ignores case, normal form or width."""
        if not self._folded:
            for held in self.by_name:
                self._folded.setdefault(folded(held), []).append(held)
        return [held for held in self._folded.get(folded(name), ()) if held != name]


def find_members(connections: list[RecordedConnection]) -> Members:
    """Return the members, each with the bounds that the answers and the notices prove."""
    members = Members()
    every: list[Member] = []
    for connection in connections:
        found = _members(connection)
        every += found
        if found:
            members.of[connection] = found[0]
    by_name = defaultdict(list)
    for member in sorted(every, key=_likely_moment):
        by_name[member.name].append(member)
    members.by_name = dict(by_name)
    tried = {
        asked.name for connection in connections for sent in connection.sent for asked in sent.reading.messages[:1]
    }
    for connection in connections:
        _see_notices(connection.received, members)
        members.strangers |= {
            received.frame.name
            for received in connection.received
            if received.frame.kind in (MessageKind.PUBLIC, MessageKind.PRIVATE, MessageKind.JOINED)
            and received.frame.name in tried
        } - members.by_name.keys()
    return members


def _likely_moment(member: Member) -> tuple[int, int]:
    return (member.joined if member.joined != FOREVER else min(member.asked, member.left_from), member.asked)


def _members(connection: RecordedConnection) -> list[Member]:
    if connection.ended <= connection.server_ended:
        left_from = connection.ended
    else:
        # The server ended it, at a moment before the client saw that: it was joined while it still got answers.
        left_from = max((sent.at for sent in connection.sent if sent.answer), default=-1)
    if connection.join is not None and not connection.tries and connection.name is not None:
        join = connection.join
        return [Member(connection, connection.name, join, join.at, join.by, left_from)]
    return [
        Member(connection, sent.asked.name, sent, sent.at, FOREVER, left_from)
        for sent in connection.tries
        if sent.asked is not None
    ]


def _see_notices(received: list[ReceivedFrame], members: Members) -> None:
    """Narrow the bounds by the notices that one connection got, each taken for the earliest that it may be."""
    place: dict[str, int] = {}
    for arrival in received:
        name, kind = arrival.frame.name, arrival.frame.kind
        if kind not in (MessageKind.JOINED, MessageKind.LEFT) or name not in members.by_name:
            continue
        holders = members.by_name[name]
        start = place.get(name, 0)
        for index in range(start, len(holders)):
            member = holders[index]
            if kind is MessageKind.LEFT and min(member.connection.ended, member.connection.server_ended) < arrival.at:
                if len(holders) == 1 or not member.connection.doubtful:
                    member.left_by = min(member.left_by, arrival.at)
                place[name] = index + 1
                break
            if kind is MessageKind.JOINED and member.asked < arrival.at:
                member.joined = min(member.joined, arrival.at) if len(holders) == 1 else member.joined
                place[name] = index
                break


def similar(one: str, other: str) -> bool:
    """Whether two different names are equal to whoever ignores case, normal form or width."""
    return one != other and folded(one) == folded(other)


@functools.lru_cache(maxsize=8192)
def folded(name: str) -> str:
    """Return what is left of a name to whoever ignores case, normal form, width and space around it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()
