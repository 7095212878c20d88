"""Timestamps within a few seconds of the moment, in any time zone (TIME-1)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.history import RecordedConnection
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.wire.timestamps import TOLERANCE, is_within
from chatproof_schemas.transcript import Event, Kind


def judge_times(
    connections: Iterable[RecordedConnection], events: Sequence[Event], started: datetime, collector: FindingCollector
) -> None:
    """Report the first timestamp of each connection that is not between its cause and its arrival."""
    start = started.timestamp()
    announced = {event.data: index for index, event in reversed([*enumerate(events)]) if event.kind is Kind.ANNOUNCE}
    for connection in connections:
        for received in connection.received:
            timestamp = received.frame.timestamp
            asked = (
                received.cause.at
                if received.cause
                else announced.get(received.frame.text.encode("utf-8", "surrogatepass"))
            )
            if timestamp is None or asked is None or asked > received.at:
                continue
            collector.evidence["TIME-1"] += 1
            if not is_within(timestamp, start + events[asked].time, start + events[received.at].time):
                expected = f"a time within {TOLERANCE} seconds of the moment, in any time zone"
                actual = f"timestamp {quoted(received.frame.message.get('timestamp'))}"
                collector.report_received("TIME-1", received, expected, actual)
                break
