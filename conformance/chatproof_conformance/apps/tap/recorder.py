"""Records what passes, in memory for the judge and in a file as it goes."""

import gc
import math
import time
from collections.abc import Callable
from pathlib import Path

from chatproof_conformance.apps.tap.growing_file import GrowingFile
from chatproof_conformance.wire.framing import ObjectSplitter
from chatproof_schemas.transcript import Event, Framing, Kind, Transcript, event_line, header_line

Listener = Callable[[Event], None]

_FROZEN_TOGETHER = 10_000
_EVENT_BYTES = 250
"""What an event takes of memory beside its data."""


class Recorder:
    """The record of a tap. A file holds whole lines only, whenever the tap dies.

    Attributes:
        transcript: what has been recorded.
        is_full: whether what has come since is not recorded, as it would be more than ``most_bytes``.
        last_at: the moment (monotonic clock) of the last event.
    """

    def __init__(
        self, framing: Framing, file: Path | None, listener: Listener, *, most_bytes: float = math.inf
    ) -> None:
        """Begin a record.

        Args:
            framing: how clients end their frames.
            file: where it is written; None: nowhere.
            listener: called with each event as it is recorded; it must not block.
            most_bytes: what the events may take of memory.

        Raises:
            OSError: if the file cannot be written.
        """
        self.transcript = Transcript(framing=framing)
        self.is_full = False
        self._room = most_bytes
        self.last_at = time.monotonic()
        self._listener = listener
        self._file = None if file is None else GrowingFile(file, header_line(self.transcript))
        self._written = 0
        self._freeze_at = _FROZEN_TOGETHER
        self._pending: dict[str, ObjectSplitter] = {}

    @property
    def trouble(self) -> OSError | None:
        """Why the file could not be written further; None if it could."""
        return None if self._file is None else self._file.trouble

    def append(self, connection: str, kind: Kind, data: bytes = b"") -> None:
        """Record what happened just now, if there is room."""
        self._room -= _EVENT_BYTES + len(data)
        if self._room < 0:
            self.is_full = True
            self.last_at = time.monotonic()
        elif self.transcript.framing == "none" and kind not in (Kind.NOTE, Kind.SERVER_DATA):
            self._append_objects(connection, kind, data)
        else:
            self._append(connection, kind, data)

    def flush(self) -> None:
        """Write to the file what has been recorded since the last time, in one go."""
        events = self.transcript.events
        if self._written == len(events):
            return
        new, self._written = events[self._written :], len(events)
        if self._written >= self._freeze_at:
            # They stay until the end: to look through them for garbage, again and again, would hold up the traffic.
            gc.freeze()
            self._freeze_at = self._written + _FROZEN_TOGETHER
        if self._file is not None and self._file.trouble is None:
            self._file.append(b"".join(map(event_line, new)))

    def finish(self, *, settled: bool) -> None:
        """Write the rest, and whether everything that the traffic caused had arrived."""
        for connection in tuple(self._pending):
            self._append_rest(connection)
        self.flush()
        self.transcript.settled = settled and not self.is_full
        if self._file is not None:
            self._file.replace_start(header_line(self.transcript))
            self._file.close()

    def _append(self, connection: str, kind: Kind, data: bytes) -> None:
        transcript = self.transcript
        transcript.append(connection, kind, data)
        self.last_at = time.monotonic()
        self._listener(transcript.events[-1])

    def _append_objects(self, connection: str, kind: Kind, data: bytes) -> None:
        """Record each whole object as a separate event, however the pieces arrived: that is a frame in this framing."""
        if kind is not Kind.CLIENT_DATA:
            self._append_rest(connection)
            self._append(connection, kind, data)
            return
        splitter = self._pending.setdefault(connection, ObjectSplitter())
        frames = splitter.feed(data)
        for frame in [*frames, *splitter.give_up()]:
            self._append(connection, Kind.CLIENT_DATA, frame)

    def _append_rest(self, connection: str) -> None:
        splitter = self._pending.pop(connection, None)
        if splitter is not None and (rest := splitter.take_rest()):
            self._append(connection, Kind.CLIENT_DATA, rest)
