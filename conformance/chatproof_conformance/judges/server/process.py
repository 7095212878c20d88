"""Judges what comes over its standard input, a pickled recording after the other, until that ends."""

import gc
import pickle
import sys
from datetime import datetime
from typing import TypeAlias

from chatproof_conformance.judges.server.passes import judge
from chatproof_schemas.transcript import Event, Framing, Kind

Row: TypeAlias = tuple[float, str, str, bytes]
"""An event: its time, its connection, its kind, its data."""
Request: TypeAlias = tuple[list[Row], Framing, datetime | None]
"""A settled recording, how its frames end, and the wall-clock time of its second 0."""
_OBJECTS_BETWEEN = 50_000


def rows_of(events: "list[Event]") -> list[Row]:
    """Return events as they are sent: tuples are read several times as fast."""
    return [(event.time, event.connection, event.kind.value, event.data) for event in events]


def _answer(request: Request) -> object:
    rows, framing, started = request
    try:
        events = [Event(time, connection, Kind(kind), data) for time, connection, kind, data in rows]
        return judge(events, framing=framing, settled=True, started=started)
    except Exception as error:  # noqa: BLE001  whoever has asked owns up to it
        return error


def main() -> None:
    """Say that all is imported, then answer each recording by its judgement, or by the error that judging it raised."""
    gc.set_threshold(_OBJECTS_BETWEEN)
    answers = sys.stdout.buffer
    pickle.dump(None, answers)
    answers.flush()
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)  # noqa: S301  the process that has started us writes it
        except EOFError:
            return
        pickle.dump(_answer(request), answers)
        answers.flush()
