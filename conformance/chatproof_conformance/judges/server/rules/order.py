"""One common order of public messages, join notices and leave notices over all recipients (ORDER-3)."""

from collections import defaultdict
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, pairwise

from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.wording import describe_received

_Sequence = list[tuple[ReceivedFrame, ExpectedDelivery]]


def judge_order(expected: Iterable[ExpectedDelivery], collector: FindingCollector) -> None:
    """Report each pair of recipients that got two deliveries from different senders in different orders."""
    sequences: dict[RecordedConnection, _Sequence] = defaultdict(list)
    for delivery in expected:
        if delivery.kind is not MessageKind.PRIVATE:
            for received in delivery.seen:
                if not received.doubtful:
                    sequences[received.connection].append((received, delivery))
    for sequence in sequences.values():
        sequence.sort(key=lambda pair: pair[0].number)
    collector.evidence["ORDER-3"] += sum(len(sequence) > 1 for sequence in sequences.values())
    if _has_common_order(sequences.values()):
        return
    for one, other in combinations(sequences.values(), 2):
        _compare(one, other, collector)


def _has_common_order(sequences: Iterable[_Sequence]) -> bool:
    """Whether some order of all deliveries agrees with every recipient's."""
    sorter: TopologicalSorter[ExpectedDelivery] = TopologicalSorter()
    for sequence in sequences:
        for (_, first), (_, second) in pairwise(sequence):
            sorter.add(second, first)
    try:
        sorter.prepare()
    except CycleError:
        return False
    return True


def _compare(one: _Sequence, other: _Sequence, collector: FindingCollector) -> None:
    places = {delivery: place for place, (_, delivery) in enumerate(one)}
    last = -1
    for received, delivery in other:
        place = places.get(delivery, -1)
        if 0 <= place < last and one[last][1].source is not delivery.source:
            order = f"{describe_received(received)} before {describe_received(one[last][0])}"
            expected = f"the same order as at {one[0][0].connection.label}: {order}"
            collector.report_received("ORDER-3", received, expected, "the other way round")
            return
        last = max(last, place)
