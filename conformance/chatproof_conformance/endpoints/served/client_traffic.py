"""Which part of a client's traffic is judged next, and which part a report shows."""

from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_schemas.transcript import Event, Transcript


class ClientTraffic:
    """Positions in the transcript of a case."""

    def __init__(self, transcript: Transcript) -> None:
        """Begin at its beginning."""
        self._transcript = transcript
        self._connection_start = self._judged_to = self._example_start = 0
        self._standing: list[Event] = []

    def begin_connection(self) -> None:
        """Note that the client connects now: nothing before it is judged any more."""
        self._connection_start = self._judged_to = len(self._transcript.events)

    def keep_connection(self) -> None:
        """Note that the connection stays for the examples that follow: reports show how it came to be."""
        self._standing = self._transcript.events[self._connection_start :]

    @property
    def is_connection_judged(self) -> bool:
        """Whether the beginning of the connection has been judged."""
        return self._judged_to > self._connection_start

    def unjudged(self) -> list[Event]:
        """Return what has passed since the last judgement."""
        return self._transcript.events[self._judged_to :]

    def count_as_judged(self) -> None:
        """Note that everything so far has been judged."""
        self._judged_to = len(self._transcript.events)

    def begin_example(self) -> None:
        """Note that a generated example begins."""
        self._example_start = len(self._transcript.events)

    def of_last_example(self) -> list[Event]:
        """Return the traffic since the last example began, after that by which its connection came to be."""
        if self._connection_start >= self._example_start:
            return self._transcript.events[self._example_start :]
        return [*self._standing, *self._transcript.events[max(self._example_start, self._judged_to) :]]

    def of(self, violation: Finding) -> Transcript:  # noqa: ARG002  all of a case's are seen at its end
        """Return the traffic in which a requirement was seen violated."""
        return replace(self._transcript, events=self.of_last_example())
