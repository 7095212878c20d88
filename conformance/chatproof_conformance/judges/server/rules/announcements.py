"""What the operator announced reaches every joined client once (SERVER-1)."""

from collections import Counter
from collections.abc import Sequence

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.history import FOREVER
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
    handled = _find_handled(asked, members)
    for member in members.of.values():
        _judge_member(member, asked, handled, collector, settled=settled)


def _find_handled(asked: dict[str, list[int]], members: Members) -> dict[int, int]:
    """Return by which event each announcement was handled: when a later one, or itself, was seen first."""
    seen: dict[int, int] = {}
    for member in members.of.values():
        for received in member.connection.received:
            if received.frame.kind is MessageKind.ANNOUNCEMENT and received.frame.text in asked:
                first = asked[received.frame.text][0]
                seen[first] = min(seen.get(first, FOREVER), received.at)
    every = sorted(index for indices in asked.values() for index in indices)
    return {index: min((at for one, at in seen.items() if one >= index), default=FOREVER) for index in every}


def _judge_member(
    member: Member,
    asked: dict[str, list[int]],
    handled: dict[int, int],
    collector: FindingCollector,
    *,
    settled: bool,
) -> None:
    connection = member.connection
    got = Counter(
        received.frame.text for received in connection.received if received.frame.kind is MessageKind.ANNOUNCEMENT
    )
    waits = settled and connection.open
    for text, indices in asked.items():
        # What cannot be read may be what was announced (FRAME-1).
        lost = sum(bool(connection.unreadable) and connection.unreadable[-1] > index for index in indices)
        due = sum(member.joined < index for index in indices) - lost if waits else 0
        possible = sum(member.left_by > index and member.asked < handled[index] for index in indices)
        collector.evidence["SERVER-1"] += max(0, due)
        collector.deliveries += min(got[text], possible)
        if not due <= got[text] <= possible:
            times = "once" if len(indices) == 1 else f"{len(indices)} times"
            expected = f"the announcement {quoted(text)} {times if possible else 'only at those who had joined'}"
            actual = "nothing of it" if not got[text] else f"{got[text]} times"
            collector.report("SERVER-1", connection.label, expected, actual, indices[0])
