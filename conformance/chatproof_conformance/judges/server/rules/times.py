"""Timestamps within a few seconds of the moment, in any time zone (TIME-1)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chatproof_conformance.judges.server.judgement import FindingCollector, quoted
from chatproof_conformance.judges.server.reading import RecordedConnection
from chatproof_schemas.transcript import Event

ZONE_STEP = 900
"""Seconds: every time zone is a multiple of a quarter of an hour from UTC."""
TOLERANCE = 5
"""Seconds by which a server's clock may differ."""


def judge_times(
    connections: Iterable[RecordedConnection], events: Sequence[Event], started: datetime, collector: FindingCollector
) -> None:
    """Report the first timestamp of each connection that is not between its cause and its arrival."""
    start = started.timestamp()
    for connection in connections:
        for received in connection.received:
            timestamp, cause = received.frame.timestamp, received.cause
            if timestamp is None or cause is None:
                continue
            collector.evidence["TIME-1"] += 1
            earliest = start + events[cause.at].time - TOLERANCE
            latest = start + events[received.at].time + TOLERANCE
            if (timestamp - earliest) % ZONE_STEP > latest - earliest + 1:
                expected = f"a time within {TOLERANCE} seconds of the moment, in any time zone"
                actual = f"timestamp {quoted(received.frame.message.get('timestamp'))}"
                collector.report("TIME-1", connection.label, expected, actual, *received.place)
                break
