"""What passes between the harness and the client under test, on the wire and through its driver, and waiting for it."""

import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from chatproof_common.system.waiting import Source, readable
from chatproof_conformance.core.outcomes import Inconclusive, NotTested
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.served.client_process import ClientProcess
from chatproof_conformance.endpoints.served.connections import ServedConnection
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas.transcript import Kind, Transcript

DriverEvent = dict[str, Any]

OVER = ("disconnected", "refused")
"""Events after which a driver may end."""
NOT_DONE = ("failed", "unsupported", "invalid_request", "disconnected")
"""Events that answer a request instead of what was asked for."""
_IMPATIENT_SECONDS = 0.25
"""For what is missing while a failing example is being shrunk."""
_SHORTER_SECONDS, _MOST_MISSED = 1.0, 3


class Exchange:
    """Requests to the driver, its events, and the connection of its client; all of it recorded.

    Attributes:
        transcript: everything that passed.
        process: the client.
        connection: the connection of the client that stands, or stood last.
        events: what the driver has reported since the client connected.
        username: the name under which the client is joined, None if it is not.
        has_failed: whether an example of the case has failed already, and is being shrunk.
        numbers: give names, markers and connections of the case a number of their own.
    """

    def __init__(self, process: ClientProcess) -> None:
        """Begin with no connection."""
        self.transcript = Transcript(checked="client")
        self.process = process
        self.connection: ServedConnection | None = None
        self.events: list[DriverEvent] = []
        self.username: str | None = None
        self.has_failed = False
        self.numbers = itertools.count(1)

    @property
    def deadline(self) -> float:
        """How many seconds to wait for what must come."""
        timeout = self.process.timeout
        if self.has_failed:
            return max(_IMPATIENT_SECONDS, min(timeout.deadline, 10 * timeout.slowest))
        if timeout.missed > _MOST_MISSED:
            # It is broken: what it has failed to do so often is not worth the longest wait each time.
            return max(_SHORTER_SECONDS, min(timeout.deadline, 10 * timeout.slowest))
        return timeout.deadline

    def latest_connection(self) -> ServedConnection:
        """Return the connection that stands, or stood last.

        Raises:
            Inconclusive: if there was none.
        """
        if self.connection is None:
            raise Inconclusive("there is no connection")
        return self.connection

    def open_connection(self) -> ServedConnection | None:
        """Return the connection that stands, if there is one."""
        return self.connection if self.connection is not None and self.connection.open else None

    def ask(self, do: str, **members: Any) -> None:
        """Write a request to the driver."""
        line = json.dumps({"do": do, **members}).encode()
        self.transcript.append("", Kind.REQUEST, line)
        driver = self.process.driver
        if do == "connect":
            driver.may_end = False
        if not driver.write(line, self.deadline) and driver.open:
            self.process.stuck = True

    def has_event(self, *names: str, since: int = 0) -> bool:
        """Whether one of these events was reported, since the client connected or since an index of `events`."""
        return any(event.get("event") in names for event in self.events[since:])

    def is_over(self) -> bool:
        """Whether nothing more can come from the client."""
        return not self.process.running.open or (self.connection is not None and self.connection.ended is not None)

    def require_support(self, since: int) -> None:
        """Make sure that the driver could do what it was asked for since an index of `events`.

        Raises:
            NotTested: if it said that it cannot.
        """
        for event in self.events[since:]:
            if event.get("event") == "unsupported":
                raise NotTested(f"the driver cannot {event.get('do')}: {event.get('reason')}")

    def described_events(self) -> str:
        """Return what the driver has reported, for a report."""
        return f"the driver told {all_described(self.events)}"

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait so long until a condition holds; return whether it does."""
        give_up = time.monotonic() + seconds
        while not condition():
            left = give_up - time.monotonic()
            if left <= 0 or not self.receive(left):
                return condition()
        return True

    def receive(self, seconds: float) -> bool:
        """Wait for anything to happen and record it; return False if nothing did."""
        driver, listener = self.process.running, self.process.listener
        connection = self.open_connection()
        sources: list[Source] = [driver] if driver.open else []
        sources += [listener] if self.connection is None else []
        sources += [connection] if connection is not None else []
        if not driver.open and connection is None:
            return False
        found = readable(sources, seconds)
        if connection is not None and connection in found:
            connection.receive()
        if driver in found:
            self._read_driver()
        if listener in found:
            self.connection = listener.accept(f"c{next(self.numbers)}", self.transcript)
        return bool(found)

    def _read_driver(self) -> None:
        driver = self.process.running
        for line in driver.read():
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                event = None
            late = isinstance(event, dict) and self._is_late_news(event)
            self.transcript.append("", Kind.NOTE if late else Kind.DRIVER_EVENT, line)
            if not isinstance(event, dict):
                self.process.stuck = True
                raise Inconclusive(f"the driver wrote what is no JSON object on a line: {shown_frame(line)}")
            driver.fresh = False
            driver.may_end = driver.may_end or event.get("event") in OVER
            if late:
                driver.end_unreported = False
            else:
                self.events.append(event)

    def _is_late_news(self, event: DriverEvent) -> bool:
        """Whether an event is the end of the connection before this one, which was not reported yet."""
        ended = self.connection is not None and not self.connection.open
        return self.process.running.end_unreported and not ended and event.get("event") == "disconnected"
