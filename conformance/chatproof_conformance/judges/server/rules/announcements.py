"""What the operator announced reaches every joined client once (SERVER-1)."""

from collections import Counter
from collections.abc import Sequence

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas.transcript import Event, Kind


def judge_announcements(
    events: Sequence[Event], members: Members, collector: FindingCollector, *, settled: bool
) -> None:
    """Compare the announcements that were asked for with the ``server`` messages at each member."""
    asked: dict[str, list[int]] = {}
    for index, event in enumerate(events):
        if event.kind is Kind.ANNOUNCE:
            asked.setdefault(event.data.decode("utf-8", "replace"), []).append(index)
    if not asked:
        return
    for member in members.of.values():
        _judge_member(member, asked, collector, settled=settled)


def _judge_member(member: Member, asked: dict[str, list[int]], collector: FindingCollector, *, settled: bool) -> None:
    connection = member.connection
    got = Counter(
        received.frame.text for received in connection.received if received.frame.kind is MessageKind.ANNOUNCEMENT
    )
    waits = settled and connection.open
    for text, indices in asked.items():
        due = sum(member.joined < index for index in indices) if waits else 0
        possible = sum(member.left_by > index for index in indices)
        collector.evidence["SERVER-1"] += due
        collector.deliveries += min(got[text], possible)
        if not due <= got[text] <= possible:
            expected = f"the announcement {quoted(text)} {'once' if len(indices) == 1 else f'{len(indices)} times'}"
            actual = "nothing of it" if not got[text] else f"{got[text]} times"
            collector.report("SERVER-1", connection.label, expected, actual, indices[0])
