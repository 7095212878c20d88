"""How much a recording proves: what was checked, by requirement, and how often silence was proven."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas.transcript import Kind

_SEEN = {
    MessageKind.JOINED: "JOIN-1",
    MessageKind.PUBLIC: "PUBLIC-1",
    MessageKind.PRIVATE: "PRIVATE-1",
    MessageKind.LEFT: "LEAVE-1",
}


def count_evidence(
    connections: list[RecordedConnection],
    members: Members,
    expected: Iterable[ExpectedDelivery],
    collector: FindingCollector,
    *,
    settled: bool,
) -> None:
    """Count the checks that could have failed."""
    for delivery in expected:
        _count_delivery(delivery, collector)
    for connection in connections:
        for sent in connection.sent:
            if sent.answer is not None:
                _count_form(sent, collector)
    for connection in connections:
        _count_silences(connection, connections, members, collector, settled=settled)


def _count_delivery(delivery: ExpectedDelivery, collector: FindingCollector) -> None:
    reset = delivery.kind is MessageKind.LEFT and delivery.source.end is Kind.RESET
    counted = ["LEAVE-2" if reset else _SEEN[delivery.kind]]
    if delivery.kind is MessageKind.PUBLIC:
        counted += ["PUBLIC-2", "ORDER-1", "ORDER-2"]
        counted += ["PUBLIC-3"] if delivery.sent and "PUBLIC-3" in delivery.sent.reading.features else []
        counted += ["LEAVE-6"] if delivery.sent and delivery.sent.answer is None and delivery.source.end else []
    elif delivery.kind is MessageKind.PRIVATE:
        counted += ["PRIVATE-2", "ORDER-1"]
        counted += ["PRIVATE-3"] if delivery.targets and delivery.source in delivery.targets else []
    elif delivery.kind is MessageKind.LEFT:
        counted += ["LEAVE-3", "ORDER-2"]
    for name in counted:
        collector.evidence[name] += len(delivery.seen)


def _count_form(sent: SentFrame, collector: FindingCollector) -> None:
    collector.evidence["FRAME-2"] += sent.split
    collector.evidence["FRAME-3"] += sent.shared
    for requirement in sent.reading.features:
        if requirement.startswith("FRAME"):
            collector.evidence[requirement] += 1


def _count_silences(
    connection: RecordedConnection,
    connections: list[RecordedConnection],
    members: Members,
    collector: FindingCollector,
    *,
    settled: bool,
) -> None:
    """Count the frames of others that had to cause nothing here, as far as what came later proves that they did."""
    last: dict[RecordedConnection, int] = defaultdict(int)
    joined = members.of.get(connection)
    for received in connection.received:
        if received.cause is not None:
            last[received.cause.connection] = received.cause.at
    for other in connections:
        if other is connection:
            continue
        silent = [sent.at for sent in other.sent if _is_silent_at(sent, connection, joined=joined is not None)]
        proven = len(silent) if settled and connection.open else bisect_left(silent, last[other])
        collector.silences += proven
        collector.evidence["ERROR-11"] += proven


def _is_silent_at(sent: SentFrame, connection: RecordedConnection, *, joined: bool) -> bool:
    if sent.optional:
        return False
    if not joined or sent.asked is None:
        return True
    return sent.asked.verb is Verb.PRIVATE and sent.asked.name != connection.name
