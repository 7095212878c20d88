"""What had to arrive and did not: under which requirement that falls."""

from collections import defaultdict

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection
from chatproof_conformance.judges.server.judgement import FindingCollector
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
_ORDERLY = (Kind.HALF_CLOSE, Kind.CLOSE)


def report_missing(deliveries: Deliveries, members: Members, collector: FindingCollector) -> None:
    """Report each delivery that is missing somewhere, once for all recipients if it is simply not there."""
    lost: dict[ExpectedDelivery, list[RecordedConnection]] = defaultdict(list)
    other_words = _OtherWords(members, collector)
    # In the order of their happening: each takes the earliest arrival that fits, which those after it need least.
    for delivery, recipient in sorted(deliveries.missing, key=lambda missing: missing[0].after):
        found = _arrived_elsewhere(delivery, recipient, deliveries.unexpected, collector)
        if not found and not other_words.find(delivery, recipient):
            lost[delivery].append(recipient)
    for delivery, recipients in lost.items():
        _report_lost(delivery, recipients, collector)


def _report_lost(delivery: ExpectedDelivery, recipients: list[RecordedConnection], collector: FindingCollector) -> None:
    sent = delivery.sent
    requirement = _MISSING[delivery.kind]
    if delivery.kind is MessageKind.LEFT and delivery.source.end is Kind.RESET:
        requirement = "LEAVE-2"
    elif delivery.kind is MessageKind.PRIVATE and delivery.source in recipients:
        requirement = "PRIVATE-3"
    elif sent is not None and delivery.kind not in _WORDING and sent.answer is None and not delivery.seen:
        requirement = "LEAVE-6" if delivery.source.end in _ORDERLY else _unanswered(delivery, requirement)
    others = f" (missing at {len(recipients) - 1} more, too)" if len(recipients) > 1 else ""
    expected = f"{_describe(delivery)}{others}"
    collector.report(requirement, recipients[0].label, expected, "nothing of it", delivery.after)


def _unanswered(delivery: ExpectedDelivery, otherwise: str) -> str:
    sent = delivery.sent
    if sent is None or not (sent.split or sent.shared or sent.reading.features):
        return otherwise
    found = wrong_refusal_requirement(sent)
    return "FRAME-3" if found == "PUBLIC-1" and sent.shared else found


def _arrived_elsewhere(
    delivery: ExpectedDelivery,
    recipient: RecordedConnection,
    unexpected: list[ReceivedFrame],
    collector: FindingCollector,
) -> bool:
    """Report what came in the wrong order or under the wrong name; it is there, and no arrival counts twice."""
    for received in unexpected:
        frame = received.frame
        fits = frame.kind is delivery.kind and frame.text == delivery.text and received.at > delivery.after
        if received.connection is recipient and fits:
            unexpected.remove(received)
            received.explained = True
            delivery.seen.append(received)
            same_name = delivery.kind in _WORDING or frame.name == delivery.name
            requirement, actual = _misplaced(delivery, received, same_name=same_name)
            collector.report_received(requirement, received, _describe(delivery), actual)
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
        self._names = members.by_name.keys()
        self._collector = collector
        self._used: set[tuple[ReceivedFrame, str]] = set()

    def find(self, delivery: ExpectedDelivery, recipient: RecordedConnection) -> bool:
        """Return whether there is one, and report its wording (JOIN-3 and LEAVE-3 are SHOULDs)."""
        name = delivery.name
        if delivery.kind not in _WORDING or not name:
            return False
        for received in recipient.received:
            if received.at > delivery.after and received is not recipient.notice and self._names_user(received, name):
                self._used.add((received, name))
                received.doubtful = True  # it may be for another coming or going of that name
                delivery.seen.append(received)
                self._collector.report_received(
                    _WORDING[delivery.kind], received, f"the notice {quoted(delivery.text)}"
                )
                return True
        return False

    def _names_user(self, received: ReceivedFrame, name: str) -> bool:
        text = received.frame.text
        if received.frame.kind is not MessageKind.SYSTEM or name not in text or (received, name) in self._used:
            return False
        return not any(other in text for other in self._names if len(other) > len(name) and name in other)


def _describe(delivery: ExpectedDelivery) -> str:
    if delivery.sent is not None and delivery.kind is not MessageKind.JOINED:
        return f"{describe_sent(delivery.sent)} from {quoted(delivery.name)}"
    return f"system {quoted(delivery.text)}"
