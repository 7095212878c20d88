"""What had to arrive and did not: under which requirement that falls."""

from collections import Counter, defaultdict
from operator import itemgetter

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector, PendingLeave
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.refusals import wrong_refusal_requirement
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.streams import Deliveries
from chatproof_conformance.judges.server.wording import describe_received, describe_sent
from chatproof_schemas.transcript import Kind

_MISSING = {
    MessageKind.JOINED: "JOIN-1",
    MessageKind.PUBLIC: "PUBLIC-1",
    MessageKind.PRIVATE: "PRIVATE-1",
    MessageKind.LEFT: "LEAVE-1",
}
_WORDING = {MessageKind.JOINED: "JOIN-3", MessageKind.LEFT: "LEAVE-3"}
_Places = defaultdict[tuple[RecordedConnection, MessageKind, str], list[ReceivedFrame]]
_Way = tuple[RecordedConnection | None, RecordedConnection]
"""From a sender, or from anybody, to a recipient."""
_SOON = 0.5
"""Seconds within which whoever handles a frame at all has handled it."""
_ORDERLY = (Kind.HALF_CLOSE, Kind.CLOSE)


def report_missing(deliveries: Deliveries, members: Members, collector: FindingCollector) -> None:
    """Report each delivery that is missing somewhere, once for all recipients if it is simply not there."""
    lost: dict[ExpectedDelivery, list[RecordedConnection]] = defaultdict(list)
    places: _Places = defaultdict(list)
    for received in deliveries.unexpected:
        places[received.connection, received.frame.kind, received.frame.text].append(received)
    other_words = _OtherWords(members, collector)
    # In the order of their happening: each takes the earliest arrival that fits, which those after it need least.
    for delivery, recipient in sorted(deliveries.missing, key=lambda missing: missing[0].after):
        found = _arrived_elsewhere(delivery, recipient, places, collector)
        if not found and not other_words.find(delivery, recipient):
            lost[delivery].append(recipient)
    for delivery, recipient in deliveries.pending:
        if not other_words.find(delivery, recipient):
            collector.pending.append(PendingLeave(delivery.name, recipient.label, delivery.source.ended))
    _thin_out(lost, deliveries.found)
    deliveries.unexpected = [received for received in deliveries.unexpected if not received.explained]
    for delivery, recipients in filter(itemgetter(1), lost.items()):
        _report_lost(delivery, recipients, collector)


def _thin_out(lost: dict[ExpectedDelivery, list[RecordedConnection]], found: set[_Way]) -> None:
    """Of a sender of whom a recipient got nothing, leave the first that is missing; the same of all senders."""
    reached = {recipient for source, recipient in found if source is not recipient}
    known: set[_Way] = set()
    for delivery in sorted(lost, key=lambda delivery: delivery.after):
        for recipient in list(lost[delivery]):
            deaf = recipient not in reached and delivery.source is not recipient
            way = (None if deaf else delivery.source, recipient)
            if (deaf or way not in found) and way in known:
                lost[delivery].remove(recipient)
            known.add(way)


def _report_lost(delivery: ExpectedDelivery, recipients: list[RecordedConnection], collector: FindingCollector) -> None:
    sent = delivery.sent
    requirement = _MISSING[delivery.kind]
    if delivery.kind is MessageKind.LEFT and delivery.source.end is Kind.RESET:
        requirement = "LEAVE-2"
    elif delivery.kind is MessageKind.PRIVATE and delivery.source in recipients:
        requirement = "PRIVATE-3"
    elif sent is not None and delivery.kind not in _WORDING and sent.answer is None and not delivery.seen:
        requirement = "LEAVE-6" if _is_by_its_end(sent, delivery.source) else _unanswered(delivery, requirement)
    others = f" (missing at {len(recipients) - 1} more, too)" if len(recipients) > 1 else ""
    expected, label, cause = f"{_describe(delivery)}{others}", recipients[0].label, delivery.cause
    instead = _instead(delivery, recipients[0])
    collector.report(requirement, label, expected, "nothing of it", delivery.after, cause=cause, instead=instead)


def _instead(delivery: ExpectedDelivery, recipient: RecordedConnection) -> tuple[str, ...]:
    """Return what alone is broken if that is known to be: a leave that was told although its user was there."""
    if delivery.kind is not MessageKind.LEFT:
        return ()
    told = (one for one in recipient.received if one.frame.kind is MessageKind.LEFT and one.at < delivery.after)
    return ("LEAVE-5", "JOIN-13") if any(one.frame.name == delivery.name for one in told) else ()


def _is_by_its_end(sent: SentFrame, source: RecordedConnection) -> bool:
    """Return whether a frame may be lost because its connection ended: the server had hardly any time until then."""
    return source.end in _ORDERLY and sent.by == FOREVER and source.farewell < _SOON


def _unanswered(delivery: ExpectedDelivery, otherwise: str) -> str:
    sent = delivery.sent
    if sent is None or not (sent.split or sent.shared or sent.reading.features):
        return otherwise
    found = wrong_refusal_requirement(sent)
    return "FRAME-3" if found == "PUBLIC-1" and sent.shared else found


def _arrived_elsewhere(
    delivery: ExpectedDelivery,
    recipient: RecordedConnection,
    places: _Places,
    collector: FindingCollector,
) -> bool:
    """Report what came in the wrong order or under the wrong name; it is there, and no arrival counts twice."""
    same = places.get((recipient, delivery.kind, delivery.text), [])
    for received in same:
        if received.at > delivery.after:
            same.remove(received)
            received.explained = True
            delivery.seen.append(received)
            same_name = delivery.kind in _WORDING or received.frame.name == delivery.name
            requirement, actual = _misplaced(delivery, received, same_name=same_name)
            collector.report_received(requirement, received, _describe(delivery), actual, delivery.cause)
            return True
    return False


def _misplaced(delivery: ExpectedDelivery, received: ReceivedFrame, *, same_name: bool) -> tuple[str, str]:
    if not same_name:
        forged = delivery.sent is not None and any(
            received.frame.name == value for asked in delivery.sent.reading.messages for _, value in asked.forged
        )
        requirement = "PRIVATE-1" if delivery.kind is MessageKind.PRIVATE else "PUBLIC-3" if forged else "PUBLIC-2"
        return requirement, describe_received(received)
    if delivery.kind in _WORDING:
        place = f"out of its place among the messages from {quoted(delivery.name)}"
        return "ORDER-2", f"{describe_received(received)} {place}"
    earlier = received.connection.received[: received.number]
    notices = [other.frame for other in earlier if other.frame.name == delivery.name and other.frame.kind in _WORDING]
    if notices and notices[-1].kind is MessageKind.LEFT:
        return "ORDER-2", f"{describe_received(received)} after the notice that {quoted(delivery.name)} left"
    return "ORDER-1", f"{describe_received(received)} out of the order in which it was sent"


class _OtherWords:
    """Finds notices in other words than those of SPEC.md: system messages that name the user, each once a name."""

    def __init__(self, members: Members, collector: FindingCollector) -> None:
        self._members = members
        self._collector = collector
        self._naming: dict[RecordedConnection, dict[str, list[ReceivedFrame]]] = {}
        self._names: dict[str, list[str]] = {}
        self._after_an_end: Counter[str] = Counter()
        for connection in members.of:
            self._read(connection)

    def _read(self, connection: RecordedConnection) -> None:
        naming = self._naming[connection] = defaultdict(list)
        for received in connection.received:
            if received.frame.kind is not MessageKind.SYSTEM or received is connection.notice:
                continue
            text = received.frame.text
            if text not in self._names:
                self._names[text] = self._members.names_in(text)
            for name in self._names[text]:
                naming[name].append(received)
                holders = self._members.by_name[name]
                gone = any(min(one.connection.ended, one.connection.server_ended) < received.at for one in holders)
                self._after_an_end[_wording(received, name)] += 1 if gone else -1

    def find(self, delivery: ExpectedDelivery, recipient: RecordedConnection) -> bool:
        """Return whether there is one, and report its wording (JOIN-3 and LEAVE-3 are SHOULDs).

        What is mostly said of users who have not left is no notice of a leave.
        """
        if delivery.kind not in _WORDING:
            return False
        naming = self._naming[recipient].get(delivery.name, [])
        fitting = [received for received in naming if received.at > delivery.after]
        here = [received for received in fitting if self._after_an_end[_wording(received, delivery.name)] < 0]
        if delivery.kind is MessageKind.LEFT:
            fitting = [received for received in fitting if received not in here]
        if not fitting:
            return False
        received = (here or fitting)[0] if delivery.kind is MessageKind.JOINED else fitting[0]
        naming.remove(received)
        received.doubtful = True  # it may be for another coming or going of that name
        delivery.seen.append(received)
        expected = f"the notice {quoted(delivery.text)}"
        self._collector.report_received(_WORDING[delivery.kind], received, expected, cause=delivery.cause)
        return True


def _wording(received: ReceivedFrame, name: str) -> str:
    return received.frame.text.replace(name, "\0")


def _describe(delivery: ExpectedDelivery) -> str:
    if delivery.sent is not None and delivery.kind is not MessageKind.JOINED:
        return f"{describe_sent(delivery.sent)} from {quoted(delivery.name)}"
    return f"system {quoted(delivery.text)}"
