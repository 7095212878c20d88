"""Timestamps within a few seconds of the moment, in any time zone (TIME-1)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chatproof_conformance.history.judgement import Notebook, quoted
from chatproof_conformance.history.reading import Connection
from chatproof_schemas.transcript import Event

ZONE_STEP = 900
"""Seconds: every time zone is a multiple of a quarter of an hour from UTC."""
TOLERANCE = 5
"""Seconds by which a server's clock may differ."""


def judge_times(
    connections: Iterable[Connection], events: Sequence[Event], started: datetime, notebook: Notebook
) -> None:
    """Report the first timestamp of each connection that is not between its cause and its arrival."""
    start = started.timestamp()
    for connection in connections:
        for received in connection.received:
            timestamp, cause = received.frame.timestamp, received.cause
            if timestamp is None or cause is None:
                continue
            notebook.evidence["TIME-1"] += 1
            earliest = start + events[cause.at].time - TOLERANCE
            latest = start + events[received.at].time + TOLERANCE
            if (timestamp - earliest) % ZONE_STEP > latest - earliest + 1:
                expected = f"a time within {TOLERANCE} seconds of the moment, in any time zone"
                actual = f"timestamp {quoted(received.frame.message.get('timestamp'))}"
                notebook.report("TIME-1", connection.label, expected, actual, received.at)
                break
