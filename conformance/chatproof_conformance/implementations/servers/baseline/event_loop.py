"""Waits for sockets, timers and signals, in one thread."""

import contextlib
import heapq
import selectors
import signal
import socket
import time
from collections.abc import Callable

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class EventLoop:
    """Calls back when a file is ready, a time has come or the process is asked to stop."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.timers: list[tuple[float, int, Callable[[], None]]] = []
        self.timers_made = 0
        self.running = False
        # A signal writes a byte here, so that waiting (also outside this loop) ends at once.
        self.wakeup, self._wakeup_writer = socket.socketpair()

    def watch(self, file, events: int, ready: Callable[[int], None]) -> None:
        """Call ``ready(events)`` whenever the file is ready for some of the events; no events: forget the file."""
        if not events:
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(file)
            return
        try:
            self.selector.modify(file, events, ready)
        except KeyError:
            self.selector.register(file, events, ready)

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call once, after so many seconds; of two with one time the older is called first."""
        self.timers_made += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.timers_made, action))

    def on_signals(self, action: Callable[[], None]) -> None:
        """Call at SIGTERM, SIGINT and, on Windows, Ctrl+Break, between two other calls."""
        for end in (self.wakeup, self._wakeup_writer):
            end.settimeout(0)
        signal.set_wakeup_fd(self._wakeup_writer.fileno())
        for number in (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGINT)):
            signal.signal(number, lambda *_: None)

        def woken(_: int) -> None:
            self.wakeup.recv(64)
            action()

        self.watch(self.wakeup, READ, woken)

    def run(self, after_each_round: Callable[[], None]) -> None:
        """Wait and call back until ``running`` is false."""
        self.running = True
        while self.running:
            for key, events in self.selector.select(self._time_to_next()):
                key.data(events)
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()
            after_each_round()

    def _time_to_next(self) -> float | None:
        return max(0.0, self.timers[0][0] - time.monotonic()) if self.timers else None
