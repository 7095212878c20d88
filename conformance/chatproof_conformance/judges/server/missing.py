"""What had to arrive and did not: under which requirement that falls."""

from collections import defaultdict

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.reading import ReceivedFrame, RecordedConnection
from chatproof_conformance.judges.server.responses import shown, tell, wrongly_refused
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.streams import Deliveries
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
    """Report each effect that lacks somewhere, once for all recipients where it is simply not there."""
    lost: dict[ExpectedDelivery, list[RecordedConnection]] = defaultdict(list)
    other_words = _OtherWords(members, collector)
    # In the order of their happening: each takes the earliest arrival that fits, which those after it need least.
    for effect, recipient in sorted(deliveries.missing, key=lambda missing: missing[0].after):
        found = _arrived_elsewhere(effect, recipient, deliveries.unexpected, collector)
        if not found and not other_words.find(effect, recipient):
            lost[effect].append(recipient)
    for effect, recipients in lost.items():
        _report_lost(effect, recipients, collector)


def _report_lost(effect: ExpectedDelivery, recipients: list[RecordedConnection], collector: FindingCollector) -> None:
    sent = effect.sent
    requirement = _MISSING[effect.says]
    if effect.says is MessageKind.LEFT and effect.source.end is Kind.RESET:
        requirement = "LEAVE-2"
    elif effect.says is MessageKind.PRIVATE and effect.source in recipients:
        requirement = "PRIVATE-3"
    elif (
        sent is not None
        and effect.says in (MessageKind.PUBLIC, MessageKind.PRIVATE)
        and sent.answer is None
        and not effect.seen
    ):
        requirement = "LEAVE-6" if effect.source.end in _ORDERLY else _unanswered(effect, requirement)
    others = f" and {len(recipients) - 1} more" if len(recipients) > 1 else ""
    expected = f"{describe(effect)} at {recipients[0].label}{others}"
    collector.report(requirement, recipients[0].label, expected, "nothing of it", effect.after)


def _unanswered(effect: ExpectedDelivery, otherwise: str) -> str:
    sent = effect.sent
    if sent is None or not (sent.split or sent.shared or sent.reading.features):
        return otherwise
    found = wrongly_refused(sent)
    return "FRAME-3" if found == "PUBLIC-1" and sent.shared else found


def _arrived_elsewhere(
    effect: ExpectedDelivery,
    recipient: RecordedConnection,
    unexpected: list[ReceivedFrame],
    collector: FindingCollector,
) -> bool:
    """Report what came in the wrong order or under the wrong name; it is there, and no arrival counts twice."""
    for received in unexpected:
        frame = received.frame
        fits = frame.says is effect.says and frame.text == effect.text and received.at > effect.after
        if received.connection is recipient and fits:
            unexpected.remove(received)
            received.explained = True
            effect.seen.append(received)
            same_name = effect.says in _WORDING or frame.name == effect.name
            requirement, actual = _misplaced(effect, received, same_name=same_name)
            collector.report(requirement, recipient.label, describe(effect), actual, *received.place)
            return True
    return False


def _misplaced(effect: ExpectedDelivery, received: ReceivedFrame, *, same_name: bool) -> tuple[str, str]:
    if not same_name:
        forged = effect.sent is not None and any(
            received.frame.name == value for asked in effect.sent.reading.messages for _, value in asked.forged
        )
        requirement = "PRIVATE-1" if effect.says is MessageKind.PRIVATE else "PUBLIC-3" if forged else "PUBLIC-2"
        return requirement, tell(received)
    if effect.says in _WORDING:
        return "ORDER-2", f"{tell(received)} out of its place among the messages from {quoted(effect.name)}"
    earlier = received.connection.received[: received.number]
    notices = [other.frame for other in earlier if other.frame.name == effect.name and other.frame.says in _WORDING]
    if notices and notices[-1].says is MessageKind.LEFT:
        return "ORDER-2", f"{tell(received)} after the notice that {quoted(effect.name)} left"
    return "ORDER-1", f"{tell(received)} out of the order in which it was sent"


class _OtherWords:
    """Finds notices in other words than those of SPEC.md: system messages that name the user, each once a name."""

    def __init__(self, members: Members, collector: FindingCollector) -> None:
        self._names = members.by_name.keys()
        self._collector = collector
        self._used: set[tuple[ReceivedFrame, str]] = set()

    def find(self, effect: ExpectedDelivery, recipient: RecordedConnection) -> bool:
        """Return whether there is one, and report its wording (JOIN-3 and LEAVE-3 are SHOULDs)."""
        name = effect.name
        if effect.says not in _WORDING or not name:
            return False
        for received in recipient.received:
            if received.at > effect.after and received is not recipient.notice and self._names_user(received, name):
                self._used.add((received, name))
                received.doubtful = True  # it may be for another coming or going of that name
                effect.seen.append(received)
                expected = f"the notice {quoted(effect.text)}"
                self._collector.report(
                    _WORDING[effect.says], recipient.label, expected, tell(received), *received.place
                )
                return True
        return False

    def _names_user(self, received: ReceivedFrame, name: str) -> bool:
        text = received.frame.text
        if received.frame.says is not MessageKind.SYSTEM or name not in text or (received, name) in self._used:
            return False
        return not any(other in text for other in self._names if len(other) > len(name) and name in other)


def describe(effect: ExpectedDelivery) -> str:
    """Return an effect in a few words."""
    if effect.sent is not None and effect.says is not MessageKind.JOINED:
        return f"{shown(effect.sent)} from {quoted(effect.name)}"
    return f"system {quoted(effect.text)}"
