"""Shows the traffic, in a separate thread: a slow terminal delays nobody, and costs bounded memory."""

import contextlib
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO, TypeAlias

from chatproof_common.system.errors import is_closed_pipe, is_closed_terminal
from chatproof_conformance.apps.tap.display.frames import DIRECTIONS, FrameReader
from chatproof_conformance.apps.tap.display.json_lines import JsonWriter
from chatproof_conformance.apps.tap.display.lines import LineWriter
from chatproof_schemas.transcript import Event, Framing, Kind

Writer: TypeAlias = JsonWriter | LineWriter

_MOST_WAITING, _MOST_WAITING_BYTES = 5000, 16 * 1024 * 1024
"""Events that wait to be shown, and their bytes, before the next ones are left out."""
_MOST_AT_ONCE = 200
_LAST_SECONDS = 3.0


@dataclass(slots=True)
class _Gap:
    """What is left out between two events that are shown: how many lines, and the last event of each stream."""

    lines: int = 0
    last: dict[tuple[str, Kind], Event] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        self.lines += event.data.count(b"\n") or 1
        if event.kind in DIRECTIONS:
            self.last[event.connection, event.kind] = event


class DisplayThread:
    """Shows events on a stream, from its construction until it is closed."""

    def __init__(self, writer: Writer, out: TextIO, framing: Framing) -> None:
        self._writer = writer
        self._out = out
        self._reader = FrameReader(framing)
        self._waiting: queue.SimpleQueue[Event | _Gap | None] = queue.SimpleQueue()
        self._gap: _Gap | None = None
        self._put_bytes = self._shown_bytes = 0  # each is one thread's to write
        self._thread = threading.Thread(target=self._show_all, name="chatproof-tap-show", daemon=True)
        self._thread.start()

    def show(self, event: Event) -> None:
        """Queue an event, or leave it out if too many wait; this never blocks."""
        waiting_bytes = self._put_bytes - self._shown_bytes
        if self._waiting.qsize() >= _MOST_WAITING or waiting_bytes >= _MOST_WAITING_BYTES:
            self._gap = self._gap or _Gap()
            self._gap.add(event)
            return
        self._end_gap()
        self._put_bytes += len(event.data)
        self._waiting.put(event)

    def close(self) -> None:
        """Show the rest, as far as the stream takes it within seconds."""
        self._end_gap()
        self._waiting.put(None)
        self._thread.join(_LAST_SECONDS)

    def _end_gap(self) -> None:
        if self._gap is not None:
            self._waiting.put(self._gap)
            self._gap = None

    def _show_all(self) -> None:
        while self._show_some():
            pass

    def _show_some(self) -> bool:
        """Show what waits, in one write; return whether more may come."""
        items = [self._waiting.get()]
        with contextlib.suppress(queue.Empty):
            while items[-1] is not None and len(items) < _MOST_AT_ONCE:
                items.append(self._waiting.get_nowait())
        lines = [line for item in items if item is not None for line in self._lines(item)]
        self._shown_bytes += sum(len(item.data) for item in items if isinstance(item, Event))
        try:
            if lines:
                self._out.write("\n".join(lines) + "\n")
                self._out.flush()
        except OSError as error:
            if not (is_closed_pipe(error) or is_closed_terminal(error)):
                raise
            return False  # the reader of the lines has gone: the traffic goes on without it
        return items[-1] is not None

    def _lines(self, item: Event | _Gap) -> Iterator[str]:
        if isinstance(item, _Gap):
            for event in item.last.values():
                self._reader.tear(event)
            yield self._writer.left_out(item.lines)
        elif item.kind in DIRECTIONS:
            for seen in self._reader.read(item):
                yield from self._writer.frame(item, seen)
        else:
            self._reader.end(item)
            yield from self._writer.happening(item)
