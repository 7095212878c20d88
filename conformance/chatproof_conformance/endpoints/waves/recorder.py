"""Who records what: each event goes to the wave that runs; what comes late, to the wave that caused it, too."""

import time
from datetime import datetime

from chatproof_schemas.transcript import Event, Kind


class Recorder:
    """Records one instance of the server.

    Attributes:
        started: the wall-clock time of second 0.
        origin: the same by the monotonic clock, in seconds.
        events: of the wave that runs.
    """

    def __init__(self) -> None:
        """Begin at second 0."""
        self.started = datetime.now().astimezone()
        self.origin = time.monotonic()
        self.events: list[Event] = []

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.origin

    def append(self, label: str, kind: Kind, data: bytes = b"") -> Event:
        """Record what happens just now."""
        event = Event(self.now, label, kind, data)
        self.events.append(event)
        return event
