"""What passes between the harness and the client under test, on the wire and through its driver, and waiting for it."""

import itertools
import json
import select
import time
from collections.abc import Callable
from typing import Any

from chatproof_conformance.core.outcomes import Inconclusive
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.served.client_process import ClientProcess
from chatproof_conformance.endpoints.served.connections import ServedConnection
from chatproof_schemas.transcript import Kind, Transcript

DriverEvent = dict[str, Any]

OVER = ("disconnected", "refused")
"""Events after which a driver may end."""
_IMPATIENT_SECONDS = 0.25
"""For what is missing while a failing example is being shrunk."""
_SHORTER_SECONDS, _MOST_MISSED = 1.0, 3


class Exchange:
    """Requests to the driver, what it tells, and the connection of its client; all of it recorded.

    Attributes:
        transcript: everything that passed.
        connection: the connection of the client that stands, or stood last.
        has_failed: whether an example of the case has failed already, and is being shrunk.
    """

    def __init__(self, process: ClientProcess) -> None:
        """Begin with no connection."""
        self.transcript = Transcript(checked="client")
        self.connection: ServedConnection | None = None
        self.has_failed = False
        self._process = process
        self._numbers = itertools.count(1)
        self._events: list[DriverEvent] = []

    def asks(self, do: str, **members: Any) -> None:
        """Write a request to the driver."""
        line = json.dumps({"do": do, **members}).encode()
        self.transcript.append("", Kind.REQUEST, line)
        driver = self._process.driver
        if do == "connect":
            driver.may_end = False
        if not driver.write(line, self._deadline) and driver.open:
            self._process.stuck = True

    def driver_events(self, *names: str) -> list[DriverEvent]:
        """Return what was told since the client connected, under these names of events."""
        return [event for event in self._events if event.get("event") in names]

    def waits_for_event(self, *names: str) -> bool:
        """Wait until one of these events is told; return whether it was."""
        self._until(lambda: self._has_event(*names) or not self._process.running.open, self._deadline)
        return self._has_event(*names)

    @property
    def _deadline(self) -> float:
        timeout = self._process.timeout
        if self.has_failed:
            return max(_IMPATIENT_SECONDS, min(timeout.deadline, 10 * timeout.slowest))
        if timeout.missed > _MOST_MISSED:
            # It is broken: what it has failed to do so often is not worth the longest wait each time.
            return max(_SHORTER_SECONDS, min(timeout.deadline, 10 * timeout.slowest))
        return timeout.deadline

    def _there(self) -> ServedConnection:
        if self.connection is None:
            raise Inconclusive("there is no connection")
        return self.connection

    def _there_or_none(self) -> ServedConnection | None:
        return self.connection if self.connection is not None and self.connection.open else None

    def _has_event(self, *names: str, since: int = 0) -> bool:
        return any(event.get("event") in names for event in self._events[since:])

    def _is_over(self) -> bool:
        return not self._process.running.open or (self.connection is not None and self.connection.ended is not None)

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        give_up = time.monotonic() + seconds
        while not condition():
            left = give_up - time.monotonic()
            if left <= 0 or not self._pump(left):
                return condition()
        return True

    def _pump(self, seconds: float) -> bool:
        """Wait for anything to happen and record it; return False where nothing did."""
        driver = self._process.running
        awaiting = self.connection is None
        poll = select.poll()
        if driver.open:
            poll.register(driver.fileno(), select.POLLIN)
        if awaiting:
            poll.register(self._process.listener.fileno(), select.POLLIN)
        connection = self._there_or_none()
        if connection is not None:
            poll.register(connection.fileno(), select.POLLIN)
        if not driver.open and connection is None:
            return False
        found = {descriptor for descriptor, _ in poll.poll(max(0.0, seconds) * 1000)}
        if connection is not None and connection.fileno() in found:
            connection.receive()
        if driver.open and driver.fileno() in found:
            self._listens_to_driver()
        if awaiting and self._process.listener.fileno() in found:
            self.connection = self._process.listener.accept(f"c{next(self._numbers)}", self.transcript)
        return bool(found)

    def _listens_to_driver(self) -> None:
        driver = self._process.running
        for line in driver.read():
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                event = None
            late = isinstance(event, dict) and self._is_late_news(event)
            self.transcript.append("", Kind.NOTE if late else Kind.DRIVER_EVENT, line)
            if not isinstance(event, dict):
                self._process.stuck = True
                raise Inconclusive(f"the driver wrote what is no JSON object on a line: {shown_frame(line)}")
            driver.fresh = False
            driver.may_end = driver.may_end or event.get("event") in OVER
            if late:
                driver.end_untold = False
            else:
                self._events.append(event)

    def _is_late_news(self, event: DriverEvent) -> bool:
        """Whether an event is the end of the connection before this one, whose end nobody has told yet."""
        ended = self.connection is not None and not self.connection.open
        return self._process.running.end_untold and not ended and event.get("event") == "disconnected"
