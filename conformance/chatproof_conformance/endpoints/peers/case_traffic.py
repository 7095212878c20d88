"""Which part of a case's traffic a report shows: that of the generated example that failed, if there are examples."""

from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.peers.case_context import CaseContext
from chatproof_schemas.transcript import Event, Kind, Transcript


class CaseTraffic:
    """Positions in the transcript of a case, and what is kept of it.

    Attributes:
        has_failed: whether an example has failed already, and is being shrunk.
    """

    def __init__(self, case: CaseContext) -> None:
        """Begin with no example."""
        self.has_failed = False
        self._case = case
        self._example_start = 0
        self._standing: list[Event] = []
        self._violating: dict[str, Transcript] = {}

    def begin_example(self) -> None:
        """Note that a generated example begins: a report shows the traffic of the last one."""
        self._keep_violating_traffic()
        self._example_start = len(self._case.transcript.events)

    def keep_connections(self, since: int) -> None:
        """Note that connections made since so many events stay for the examples that follow."""
        self._standing += self._case.transcript.events[since:]

    def of_last_example(self) -> list[Event]:
        """Return the traffic since the last example began, after that by which its connections came to be.

        If that does not explain every connection, or there are no examples, all of the traffic is returned.
        """
        everything = self._case.transcript.events
        events = everything[self._example_start :]
        used, now = {event.connection for event in events}, set(map(id, events))
        before = [event for event in self._standing if event.connection in used and id(event) not in now]
        opened = {event.connection for event in (*before, *events) if event.kind is Kind.OPEN}
        return [*before, *events] if used <= opened | {""} else list(everything)

    def of(self, violation: Finding) -> Transcript:
        """Return the traffic of the example in which a requirement was first seen violated."""
        self._keep_violating_traffic()
        return self._violating[violation.requirement]

    def show(self, transcript: Transcript, *, is_broken: bool) -> None:
        """Show this traffic for the case, in place of its own so far; but what failed stays, until more that fails."""
        shown, start = self._case.transcript, self._example_start
        self._case.transcript, self._example_start = replace(transcript, events=list(transcript.events)), 0
        self._keep_violating_traffic()
        if self.has_failed and not is_broken:
            self._case.transcript, self._example_start = shown, start

    def _keep_violating_traffic(self) -> None:
        for violation in self._case.violations:
            if violation.requirement not in self._violating:
                shown = replace(self._case.transcript, events=self.of_last_example())
                self._violating[violation.requirement] = shown
