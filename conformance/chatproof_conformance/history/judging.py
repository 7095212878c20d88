"""The judge: reads a recording, works out what had to happen, and compares."""

from collections.abc import Sequence
from datetime import datetime

from chatproof_conformance.history.announcements import judge_announcements
from chatproof_conformance.history.arrivals import Says
from chatproof_conformance.history.closings import judge_closings
from chatproof_conformance.history.effects import find_effects, report_refused, report_unanswered
from chatproof_conformance.history.evidence import count_evidence
from chatproof_conformance.history.exchanges import read_exchanges
from chatproof_conformance.history.joins import judge_joins
from chatproof_conformance.history.judgement import Judgement, Notebook
from chatproof_conformance.history.membership import find_members
from chatproof_conformance.history.missing import report_missing
from chatproof_conformance.history.order import judge_order
from chatproof_conformance.history.reading import read_connections
from chatproof_conformance.history.spare import report_spare
from chatproof_conformance.history.streams import match_deliveries
from chatproof_conformance.history.times import judge_times
from chatproof_schemas.transcript import Event, Framing


def judge(
    events: Sequence[Event], *, framing: Framing = "lf", settled: bool, started: datetime | None = None
) -> Judgement:
    """Return what a recording breaks and proves.

    Args:
        events: what happened, in the order of observation. What the client did is recorded just before it was done,
            what it received just after it was read.
        framing: how the client ended its frames.
        settled: whether the recorder vouches that everything that the traffic caused had arrived before the end. Where
            it does not, only that is judged missing which the recording itself proves lost (by ORDER-1).
        started: the wall-clock time of second 0, for TIME-1; None where timestamps are not to be judged.
    """
    notebook = Notebook()
    connections = read_connections(events, framing, notebook)
    exchanges = read_exchanges(connections, notebook, settled=settled)
    members = find_members(connections)
    judge_joins(connections, members, exchanges, notebook)
    judge_closings(connections, notebook, settled=settled)
    effects = find_effects(members, notebook)
    for sent in exchanges.wrong_refusals:
        report_refused(sent, members, notebook)
    for sent in exchanges.unanswered:
        report_unanswered(sent, members, notebook)
    deliveries = match_deliveries(connections, members, effects, settled=settled)
    notebook.deliveries += deliveries.count
    everything = [effect for stream in effects.values() for effect in stream]
    report_missing(deliveries, members, notebook)
    report_spare(connections, members, exchanges, deliveries, notebook)
    for effect in everything:
        if effect.says is Says.JOINED and effect.source.notice is not None:
            effect.seen.append(effect.source.notice)
    judge_order(everything, notebook)
    judge_announcements(events, members, notebook, settled=settled)
    if started is not None:
        judge_times(connections, events, started, notebook)
    count_evidence(connections, members, everything, notebook, settled=settled)
    return notebook.judgement()
