"""The judge: reads a recording, works out what had to happen, and compares."""

from collections.abc import Sequence
from datetime import datetime

from chatproof_conformance.judges.server.chatter import find_chatter
from chatproof_conformance.judges.server.evidence import count_evidence
from chatproof_conformance.judges.server.expected_deliveries import (
    find_expected_deliveries,
    report_refused,
    report_unanswered,
)
from chatproof_conformance.judges.server.joins import judge_joins
from chatproof_conformance.judges.server.judgement import FindingCollector, Judgement
from chatproof_conformance.judges.server.membership import find_members
from chatproof_conformance.judges.server.missing import report_missing
from chatproof_conformance.judges.server.reading import read_connections
from chatproof_conformance.judges.server.responses import read_responses
from chatproof_conformance.judges.server.rules.announcements import judge_announcements
from chatproof_conformance.judges.server.rules.closings import judge_closings
from chatproof_conformance.judges.server.rules.forms import judge_forms
from chatproof_conformance.judges.server.rules.order import judge_order
from chatproof_conformance.judges.server.rules.privacy import judge_privacy
from chatproof_conformance.judges.server.rules.times import judge_times
from chatproof_conformance.judges.server.sent_index import SentIndex
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.situations import reached_cells
from chatproof_conformance.judges.server.streams import match_deliveries
from chatproof_conformance.judges.server.unexpected import report_before_joining, report_unexpected
from chatproof_schemas.transcript import Event, Framing


def judge(
    events: Sequence[Event], *, framing: Framing = "lf", settled: bool, started: datetime | None = None
) -> Judgement:
    """Return what a recording breaks and proves.

    Args:
        events: what happened, in the order of observation. What the client did is recorded just before it was done,
            what it received just after it was read.
        framing: how the client ended its frames.
        settled: whether the recorder vouches that everything that the traffic caused had arrived before the end. If
            it does not, only that is judged missing which the recording itself proves lost (by ORDER-1).
        started: the wall-clock time of second 0, for TIME-1; None if timestamps are not to be judged.
    """
    collector = FindingCollector()
    connections = read_connections(events, framing, settled=settled)
    responses = read_responses(connections, collector, settled=settled)
    members = find_members(connections)
    index = SentIndex(connections)
    judge_joins(index, members, responses, collector)
    judge_closings(connections, collector, settled=settled)
    by_name = find_expected_deliveries(members, collector)
    expected = [delivery for stream in by_name.values() for delivery in stream]
    for sent in responses.wrong_refusals:
        report_refused(sent, members, collector)
    for sent in responses.unanswered:
        report_unanswered(sent, members, collector)
    deliveries = match_deliveries(connections, members, by_name, settled=settled)
    collector.deliveries += deliveries.count
    report_missing(deliveries, members, collector)
    report_unexpected(index, members, responses, deliveries, collector)
    report_before_joining(connections, index, collector)
    judge_forms(connections, index, collector)
    judge_privacy(connections, members, collector)
    for delivery in expected:
        if delivery.kind is MessageKind.JOINED and delivery.source.notice is not None:
            delivery.seen.append(delivery.source.notice)
    judge_order(expected, collector)
    judge_announcements(events, members, collector, settled=settled)
    if started is not None:
        judge_times(connections, events, started, collector)
    collector.chatter = find_chatter(connections, members, (*responses.refused_joins, *responses.unanswered_joins))
    count_evidence(connections, members, expected, collector, settled=settled)
    collector.situations.update(reached_cells(connections, members, events))
    return collector.judgement()
