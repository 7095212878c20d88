"""What one member got from one name, laid beside what it should have got.

A stream is what the holders of a name cause at one recipient. Its order is fixed by ORDER-1 and ORDER-2: join notice,
messages in the order sent, leave notice. So what lacks before something that did arrive is lost, not late.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from chatproof_conformance.judges.alignment import AlignmentStep, align_from, total_cost
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection
from chatproof_conformance.judges.server.membership import Member, Members
from chatproof_conformance.judges.server.name_owner_order import likeliest
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.spans import Spans

_LISTED = 0.001
"""What it costs to take a notice for one of a list rather than for that of a later join; less than to lack one."""
_BEFORE, _MOST_LISTED = 300, 20
"""How many deliveries and joins from before a recipient joined are compared with what nothing else explains."""
_SAID = (MessageKind.PUBLIC, MessageKind.PRIVATE)
_STREAMED = (*_SAID, MessageKind.JOINED, MessageKind.LEFT)

Pair = AlignmentStep[ExpectedDelivery, ReceivedFrame]


@dataclass(slots=True)
class Deliveries:
    """What the streams show.

    Attributes:
        misdelivered: what arrived changed, or where it must not, with the arrival.
        missing: what a recipient had to get and did not.
        pending: leaves that a recipient has to get, but not before the end of the recording.
        unexpected: arrivals that nothing explains.
        count: how many arrived as they should.
        found: the pairs of sender and recipient of whom one got a message of the other.
    """

    misdelivered: list[tuple[ExpectedDelivery, ReceivedFrame]] = field(default_factory=list)
    missing: list[tuple[ExpectedDelivery, RecordedConnection]] = field(default_factory=list)
    pending: list[tuple[ExpectedDelivery, RecordedConnection]] = field(default_factory=list)
    unexpected: list[ReceivedFrame] = field(default_factory=list)
    count: int = 0
    found: set[tuple[RecordedConnection | None, RecordedConnection]] = field(default_factory=set)


def match_deliveries(
    connections: Iterable[RecordedConnection],
    members: Members,
    expected_by_name: dict[str, list[ExpectedDelivery]],
    *,
    settled: bool,
) -> Deliveries:
    """Match every arrival with the expected delivery that explains it."""
    deliveries = Deliveries()
    arrivals = _by_name(connections, expected_by_name, deliveries)
    every = {member.connection: _Recipient(member, settled=settled) for member in members.of.values()}
    recipients = _Recipients(every)
    for name, expected in expected_by_name.items():
        attempt = partial(_attempt, arrivals=arrivals[name], recipients=recipients)
        found, made_sure = likeliest(expected, arrivals[name].values(), attempt)
        for delivery in made_sure:
            delivery.sure = True
        for recipient, stream in found:
            _file(recipient, stream, deliveries)
    return deliveries


_Arrivals = defaultdict[RecordedConnection, list[ReceivedFrame]]
_Found = list[tuple["_Recipient", list[Pair]]]


def _by_name(
    connections: Iterable[RecordedConnection], names: Collection[str], deliveries: Deliveries
) -> defaultdict[str, _Arrivals]:
    arrivals: defaultdict[str, _Arrivals] = defaultdict(lambda: defaultdict(list))
    for connection in connections:
        joined = connection.join is not None
        for received in connection.received:
            if received.explained:
                continue
            if joined and received.frame.kind in _STREAMED and received.frame.name in names:
                arrivals[received.frame.name][connection].append(received)
            else:
                deliveries.unexpected.append(received)
    return arrivals


def _match_name(expected: list[ExpectedDelivery], arrivals: _Arrivals, recipients: "_Recipients") -> _Found:
    stream = _Stream(expected)
    concerned = recipients.of(arrivals)
    return [(one, stream.align(one, arrivals.get(one.connection, ()))) for one in concerned]


class _Stream:
    """What the holders of a name cause, and the part of it that concerns one recipient."""

    def __init__(self, expected: list[ExpectedDelivery]) -> None:
        self._expected = expected
        self._spans = Spans([(delivery.after, delivery.by) for delivery in expected])
        self._joins = [place for place, delivery in enumerate(expected) if delivery.kind is MessageKind.JOINED]

    def align(self, recipient: "_Recipient", arrived: Sequence[ReceivedFrame]) -> list[Pair]:
        """Return the steps of the stream at one recipient; what was before it joined counts only if it came."""
        last = FOREVER if recipient.waits else arrived[-1].at
        low, high = self._spans.between(recipient.asked - 1, last)
        steps = recipient.align(_at(recipient, self._expected[low:high]), arrived)
        if not low or not total_cost(steps):
            return steps
        unexplained = any(step.expected is None for step in steps)
        near = max(0, low - _BEFORE) if unexplained else low
        listed = self._joins[: bisect_left(self._joins, near)][-_MOST_LISTED:]
        before = [self._expected[place] for place in listed] + self._expected[near:high]
        return recipient.align(_at(recipient, before), arrived)


def _at(recipient: "_Recipient", expected: list[ExpectedDelivery]) -> list[ExpectedDelivery]:
    own = recipient.connection
    return [one for one in expected if one.targets is None or own in one.targets]


def _attempt(
    expected: list[ExpectedDelivery], arrivals: _Arrivals, recipients: "_Recipients"
) -> tuple[float, tuple[_Found, list[ExpectedDelivery]]]:
    """Return how badly an order of the holders fits; each recipient's stream; what it makes sure, unlike others."""
    found = _match_name(expected, arrivals, recipients)
    made_sure = _promote(expected, found)
    if made_sure:
        found = _match_name(expected, arrivals, recipients)
    for delivery in made_sure:
        delivery.sure = False
    return sum(total_cost(steps) for _, steps in found), (found, made_sure)


def _promote(expected: list[ExpectedDelivery], found: _Found) -> list[ExpectedDelivery]:
    """Make sure, and return, what came before something seen: frames are handled in the order sent."""
    last: dict[RecordedConnection, int] = {}
    for _, steps in found:
        lacking = _lacking(steps)
        for step in steps:
            sent = step.expected.sent if step.expected and step.arrived else None
            if sent is not None and step.expected and step.expected.text not in lacking:
                last[sent.connection] = max(last.get(sent.connection, -1), sent.number)
    promoted = []
    for delivery in expected:
        sent = delivery.sent
        if sent is None or sent.optional or sent.reading.refusable:
            continue
        unsure = delivery.kind is MessageKind.PUBLIC and not delivery.sure
        if unsure and sent.number <= last.get(delivery.source, -1):
            delivery.sure = True
            promoted.append(delivery)
    return promoted


def _lacking(steps: list[Pair]) -> set[str]:
    """Return the texts that did not arrive: an arrival with such a text may be for the one or the other."""
    return {step.expected.text for step in steps if step.expected is not None and step.arrived is None}


def _file(recipient: "_Recipient", steps: list[Pair], deliveries: Deliveries) -> None:
    lacking = _lacking(steps)
    for step in steps:
        delivery, arrived = step.expected, step.arrived
        if delivery is None:
            if arrived is not None:
                deliveries.unexpected.append(arrived)
        elif arrived is not None:
            arrived.explained = True
            arrived.cause = delivery.sent
            arrived.doubtful = delivery.text in lacking or not recipient.state_after(0, delivery)
            delivery.seen.append(arrived)
            if delivery.kind in _SAID:
                deliveries.found.add((delivery.source, recipient.connection))
            delivery.by = min(delivery.by, arrived.at)
            if step.cost >= 1:
                deliveries.misdelivered.append((delivery, arrived))
            else:
                deliveries.count += 1
        elif step.cost:
            deliveries.missing.append((delivery, recipient.connection))
        elif recipient.may_still_get(delivery):
            deliveries.pending.append((delivery, recipient.connection))


class _Recipients:
    """All members as recipients."""

    def __init__(self, every: "dict[RecordedConnection, _Recipient]") -> None:
        self._every = every
        self._waiting = [connection for connection, recipient in every.items() if recipient.waits]

    def of(self, arrivals: _Arrivals) -> "list[_Recipient]":
        """Return whom a stream concerns: who got nothing and is not there at the end is owed nothing to be seen."""
        concerned = dict.fromkeys([*self._waiting, *arrivals])
        return [self._every[connection] for connection in concerned if connection in self._every]


class _Recipient:
    """A member as a recipient: what it must, may and must not get, and the costs. State 1: it got one of the stream."""

    def __init__(self, member: Member, *, settled: bool) -> None:
        self.connection = member.connection
        self._member = member
        self.asked = member.asked
        self.waits = settled and member.connection.open
        self._unreadable = max(member.connection.unreadable, default=-1)
        self._list_until = member.connection.list_until

    def align(self, expected: Sequence[ExpectedDelivery], arrived: Sequence[ReceivedFrame]) -> list[Pair]:
        """Return the steps of the stream: first in one go, by the cheapest alignment if that fails."""
        steps, fits = self._side_by_side(expected, arrived)
        return steps if fits else align_from(steps, expected, arrived, self)

    def _side_by_side(
        self, expected: Sequence[ExpectedDelivery], arrived: Sequence[ReceivedFrame]
    ) -> tuple[list[Pair], bool]:
        steps: list[Pair] = []
        place = state = 0
        count, ended = len(expected), self.connection.ended
        for received in arrived:
            frame = received.frame
            kind, text, at, cause = frame.kind, frame.text, received.at, received.cause
            while True:
                if place == count:
                    return steps, False
                delivery = expected[place]
                place += 1
                fits = delivery.kind is kind and delivery.text == text and delivery.after < at
                if fits and cause in (None, delivery.sent):
                    if not self._may_get(delivery, received):
                        return steps, False
                    after = self.state_after(state, delivery)
                    steps.append(AlignmentStep(delivery, received, 0.0, state, after))
                    state = after
                    break
                if at <= ended and self._must_get(delivery, state):
                    return steps, False
                steps.append(AlignmentStep(delivery, None, 0.0, state, state))
        for delivery in expected[place:]:
            if self._must_get_last(delivery, state):
                return steps, False
            steps.append(AlignmentStep(delivery, None, 0.0, state, state))
        return steps, True

    def _must_get(self, delivery: ExpectedDelivery, state: int) -> bool:
        """Whether it had to get a delivery, as it got something later of the stream or waited long enough."""
        return delivery.due and self._is_owed(delivery, state)

    def may_still_get(self, delivery: ExpectedDelivery) -> bool:
        """Whether it is owed a leave notice that is not late yet."""
        return self.waits and not delivery.due and self._is_owed(delivery, 0)

    def _is_owed(self, delivery: ExpectedDelivery, state: int) -> bool:
        if not delivery.sure or self._unreadable > delivery.after:
            return False
        if delivery.source is self.connection:
            return delivery.kind in _SAID
        return bool(state) or self._member.joined < delivery.after

    def _must_get_last(self, delivery: ExpectedDelivery, state: int) -> bool:
        """The same if nothing later of the stream arrived."""
        return self.waits and self._must_get(delivery, state)

    def _may_get(self, delivery: ExpectedDelivery, received: ReceivedFrame) -> bool:
        """Whether a delivery may have arrived here: while it was joined, or in a list of those present."""
        member = self._member
        if delivery.source is self.connection and delivery.kind is MessageKind.JOINED:
            return False
        if delivery.after > member.left_by:
            return False
        if delivery.by < member.asked:
            is_there = delivery.until > member.asked
            return is_there and self._is_listed(delivery) and received.at <= self._list_until
        return True

    def _is_listed(self, delivery: ExpectedDelivery) -> bool:
        """Whether it can only get a delivery in a list of those present: it happened before it asked to join."""
        return delivery.kind is MessageKind.JOINED and delivery.by < self._member.asked

    def state_after(self, state: int, delivery: ExpectedDelivery) -> int:
        """Return the state after an arrival: a notice may be one of a list of those present and proves nothing."""
        return 1 if delivery.kind is not MessageKind.JOINED or self._member.joined < delivery.after else state

    def expected_key(self, expected: ExpectedDelivery) -> Hashable:
        return (expected.kind, expected.text)

    def arrived_key(self, arrived: ReceivedFrame) -> Hashable:
        return (arrived.frame.kind, arrived.frame.text)

    def may_anchor(self, expected: ExpectedDelivery, arrived: ReceivedFrame) -> bool:
        found = self.match(1, expected, arrived)
        return found is not None and found[0] < 1

    def match(self, state: int, expected: ExpectedDelivery, arrived: ReceivedFrame) -> tuple[float, int] | None:
        frame = arrived.frame
        if expected.kind is not frame.kind or arrived.at <= expected.after:
            return None
        if arrived.cause is not None and arrived.cause is not expected.sent:
            return None  # it is the answer to another frame
        allowed = self._may_get(expected, arrived)
        if expected.text == frame.text:
            if allowed or expected.kind in _SAID:
                cost = (_LISTED if self._is_listed(expected) else 0.0) if allowed else 1.1
                return cost, self.state_after(state, expected)
            return None
        if allowed and expected.kind in _SAID:
            return 2.2, 1  # less than one too much and one lacking, more than half of two swapped
        return None

    def lack(self, state: int, expected: ExpectedDelivery, later: ReceivedFrame | None) -> Iterator[tuple[float, int]]:
        tail = later is None or later.at > self.connection.ended
        must = self._must_get_last(expected, state) if tail else self._must_get(expected, state)
        # A server may word all notices differently: that must not make a message unexplained.
        cost = 1.0 if expected.kind in _SAID else 0.01
        yield (cost if must else 0.0), state

    def excess(self, state: int, arrived: ReceivedFrame) -> float:  # noqa: ARG002  the same in every state
        return 3.0
