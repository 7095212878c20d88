"""What one member got from one name, laid beside what it should have got.

A stream is what the holders of a name cause at one recipient. Its order is fixed by ORDER-1 and ORDER-2: join notice,
messages in the order sent, leave notice. So what lacks before something that did arrive is lost, not late.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from chatproof_conformance.judges.alignment import AlignmentStep, align_from, total_cost
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.membership import Member, Members
from chatproof_conformance.judges.server.name_owner_order import likeliest
from chatproof_conformance.judges.server.reading import FOREVER, ReceivedFrame, RecordedConnection
from chatproof_conformance.judges.server.server_frames import MessageKind

_LISTED = 0.001
"""What it costs to take a notice for one of a list rather than for that of a later join; less than to lack one."""
STREAMED = (MessageKind.JOINED, MessageKind.PUBLIC, MessageKind.PRIVATE, MessageKind.LEFT)

Pair = AlignmentStep[ExpectedDelivery, ReceivedFrame]


@dataclass(slots=True)
class Deliveries:
    """What the streams show.

    Attributes:
        wrong: effects that arrived, but changed or where they must not: with the arrival.
        missing: effects that a recipient had to get and did not.
        unexpected: arrivals that no effect explains.
    """

    wrong: list[tuple[ExpectedDelivery, ReceivedFrame]] = field(default_factory=list)
    missing: list[tuple[ExpectedDelivery, RecordedConnection]] = field(default_factory=list)
    unexpected: list[ReceivedFrame] = field(default_factory=list)
    count: int = 0


def match_deliveries(
    connections: Iterable[RecordedConnection],
    members: Members,
    effects: dict[str, list[ExpectedDelivery]],
    *,
    settled: bool,
) -> Deliveries:
    """Match every arrival with the effect that explains it."""
    deliveries = Deliveries()
    arrivals = _by_name(connections, effects, deliveries)
    recipients = [_Recipient(member, settled=settled) for member in members.of.values()]
    for name, expected in effects.items():
        attempt = partial(_attempt, arrivals=arrivals[name], recipients=recipients)
        best = likeliest(expected, arrivals[name].values(), attempt)
        for effect in best.made_sure:
            effect.sure = True
        for recipient, stream in best.found:
            _file(recipient, stream, deliveries)
    return deliveries


def _by_name(
    connections: Iterable[RecordedConnection], effects: dict[str, list[ExpectedDelivery]], deliveries: Deliveries
) -> defaultdict[str, defaultdict[RecordedConnection, list[ReceivedFrame]]]:
    arrivals: defaultdict[str, defaultdict[RecordedConnection, list[ReceivedFrame]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for connection in connections:
        joined = connection.join is not None
        for received in connection.received:
            if received.explained:
                continue
            if joined and received.frame.says in STREAMED and received.frame.name in effects:
                arrivals[received.frame.name][connection].append(received)
            else:
                deliveries.unexpected.append(received)
    return arrivals


_Found = list[tuple["_Recipient", list[Pair]]]


def _match_name(
    expected: list[ExpectedDelivery],
    arrivals: defaultdict[RecordedConnection, list[ReceivedFrame]],
    recipients: "list[_Recipient]",
) -> _Found:
    private = any(effect.targets is not None for effect in expected)
    found = []
    for recipient in recipients:
        own = recipient.connection
        mine = [effect for effect in expected if _is_for(effect, own)] if private else expected
        found.append((recipient, recipient.match(mine, arrivals[own])))
    return found


def _is_for(effect: ExpectedDelivery, connection: RecordedConnection) -> bool:
    return effect.targets is None or connection in effect.targets


@dataclass(slots=True)
class _MatchedOrder:
    """What came of one order of the holders of a name.

    Attributes:
        cost: how badly it fits; 0 where it does.
        found: the steps of each recipient's stream.
        made_sure: effects that must have happened as later ones were seen; in another order others were.
    """

    cost: float
    found: _Found
    made_sure: list[ExpectedDelivery]


def _attempt(
    expected: list[ExpectedDelivery],
    arrivals: defaultdict[RecordedConnection, list[ReceivedFrame]],
    recipients: "list[_Recipient]",
) -> _MatchedOrder:
    found = _match_name(expected, arrivals, recipients)
    made_sure = _promote(expected, found)
    if made_sure:
        found = _match_name(expected, arrivals, recipients)
    for effect in made_sure:
        effect.sure = False
    return _MatchedOrder(sum(total_cost(steps) for _, steps in found), found, made_sure)


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
    for effect in expected:
        sent = effect.sent
        if (
            sent is None
            or effect.sure
            or effect.says is not MessageKind.PUBLIC
            or sent.optional
            or sent.reading.refusable
        ):
            continue
        if sent.number <= last.get(effect.source, -1):
            effect.sure = True
            promoted.append(effect)
    return promoted


def _lacking(steps: list[Pair]) -> set[str]:
    """Return the texts that did not arrive: an arrival with such a text may be for the one or the other."""
    return {step.expected.text for step in steps if step.expected is not None and step.arrived is None}


def _file(recipient: "_Recipient", steps: list[Pair], deliveries: Deliveries) -> None:
    lacking = _lacking(steps)
    for step in steps:
        effect, arrived = step.expected, step.arrived
        if effect is None:
            if arrived is not None:
                deliveries.unexpected.append(arrived)
        elif arrived is not None:
            arrived.explained = True
            arrived.cause = effect.sent
            arrived.doubtful = effect.text in lacking or not recipient.state_after(0, effect)
            effect.seen.append(arrived)
            effect.by = min(effect.by, arrived.at)
            if step.cost >= 1:
                deliveries.wrong.append((effect, arrived))
            else:
                deliveries.count += 1
        elif step.cost:
            deliveries.missing.append((effect, recipient.connection))


class _Recipient:
    """A member as a recipient: which effects it must, may and must not get. State 1: it got one of the stream."""

    def __init__(self, member: Member, *, settled: bool) -> None:
        self.connection = member.connection
        self._member = member
        self._waits = settled and member.connection.open
        self._unreadable = max(member.connection.unreadable, default=-1)
        self._list_until = _list_until(member.connection)

    def match(self, expected: Sequence[ExpectedDelivery], arrived: Sequence[ReceivedFrame]) -> list[Pair]:
        """Return the steps of the stream: first in one go, by the cheapest alignment where that fails."""
        steps, fits = self._side_by_side(expected, arrived)
        if fits:
            return steps
        return align_from(steps, expected, arrived, _StreamRules(self))

    def _side_by_side(
        self, expected: Sequence[ExpectedDelivery], arrived: Sequence[ReceivedFrame]
    ) -> tuple[list[Pair], bool]:
        steps: list[Pair] = []
        place = state = 0
        count = len(expected)
        for received in arrived:
            frame = received.frame
            says, text, at, cause = frame.says, frame.text, received.at, received.cause
            while True:
                if place == count:
                    return steps, False
                effect = expected[place]
                place += 1
                if effect.says is says and effect.text == text and effect.after < at and cause in (None, effect.sent):
                    if not self.may_get(effect, received):
                        return steps, False
                    after = self.state_after(state, effect)
                    steps.append(AlignmentStep(effect, received, 0.0, state, after))
                    state = after
                    break
                if self.must_get(effect, state):
                    return steps, False
                steps.append(AlignmentStep(effect, None, 0.0, state, state))
        for effect in expected[place:]:
            if self.must_get_last(effect, state):
                return steps, False
            steps.append(AlignmentStep(effect, None, 0.0, state, state))
        return steps, True

    def must_get(self, effect: ExpectedDelivery, state: int) -> bool:
        """Whether it had to get an effect, as it got something later of the stream or waited long enough."""
        if not effect.sure or self._unreadable > effect.after:
            return False
        if effect.source is self.connection:
            return effect.says in (MessageKind.PUBLIC, MessageKind.PRIVATE)
        return bool(state) or self._member.joined < effect.after

    def must_get_last(self, effect: ExpectedDelivery, state: int) -> bool:
        """The same where nothing later of the stream arrived."""
        return self._waits and self.must_get(effect, state)

    def may_get(self, effect: ExpectedDelivery, received: ReceivedFrame) -> bool:
        """Whether an effect may have arrived here: while it was joined, or in a list of those present."""
        member = self._member
        if effect.source is self.connection and effect.says is MessageKind.JOINED:
            return False
        if effect.after > member.left_by:
            return False
        if effect.by < member.asked:
            return self.is_listed(effect) and received.at <= self._list_until
        return True

    def is_listed(self, effect: ExpectedDelivery) -> bool:
        """Whether it can only get an effect in a list of those present: it happened before it asked to join."""
        return effect.says is MessageKind.JOINED and effect.by < self._member.asked

    def state_after(self, state: int, effect: ExpectedDelivery) -> int:
        """Return the state after an arrival: a notice may be one of a list of those present and proves nothing."""
        return 1 if effect.says is not MessageKind.JOINED or self._member.joined < effect.after else state


def _list_until(connection: RecordedConnection) -> int:
    """Return until which event a server may list those present: it does so before it handles what was sent later."""
    notice = connection.notice
    if notice is None:
        return FOREVER
    later = (sent.answer.at for sent in connection.sent if sent.answer and sent.at > notice.at)
    return next(later, FOREVER)


class _StreamRules:
    """The costs of a stream for one recipient."""

    def __init__(self, recipient: _Recipient) -> None:
        self._recipient = recipient

    def match(self, state: int, expected: ExpectedDelivery, arrived: ReceivedFrame) -> tuple[float, int] | None:
        frame = arrived.frame
        if expected.says is not frame.says or arrived.at <= expected.after:
            return None
        if arrived.cause is not None and arrived.cause is not expected.sent:
            return None  # it is the answer to another frame
        allowed = self._recipient.may_get(expected, arrived)
        if expected.text == frame.text:
            if allowed or expected.says in (MessageKind.PUBLIC, MessageKind.PRIVATE):
                cost = (_LISTED if self._recipient.is_listed(expected) else 0.0) if allowed else 1.1
                return cost, self._recipient.state_after(state, expected)
            return None
        if allowed and expected.says in (MessageKind.PUBLIC, MessageKind.PRIVATE):
            return 2.2, 1  # less than one too much and one lacking, more than half of two swapped
        return None

    def lack(self, state: int, expected: ExpectedDelivery, *, tail: bool) -> Iterator[tuple[float, int]]:
        recipient = self._recipient
        must = recipient.must_get_last(expected, state) if tail else recipient.must_get(expected, state)
        # A server may tell of all joins and leaves in words of its own: that must not make a message unexplained.
        cost = 0.01 if expected.says in (MessageKind.JOINED, MessageKind.LEFT) else 1.0
        yield (cost if must else 0.0), state

    def excess(self, state: int, arrived: ReceivedFrame) -> float:  # noqa: ARG002  the same in every state
        return 3.0
