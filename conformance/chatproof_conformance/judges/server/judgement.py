"""What the judge of a history returns, and what its passes collect for it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chatproof_conformance.core.findings import END, Cause, Finding
from chatproof_conformance.core.situations import Cell
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, SentFrame
from chatproof_conformance.judges.server.wording import describe_received


@dataclass(frozen=True, slots=True)
class PendingLeave:
    """A leave notice that was not there at the end of the recording, but is not late yet (LEAVE-1, LEAVE-2).

    Attributes:
        name: who left.
        observer: the label of the connection that is to get it.
        ended_event: index of the event by which the user's connection ended.
    """

    name: str
    observer: str
    ended_event: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a recording shows.

    Attributes:
        findings: in the order of their events; what broke first comes first, and what is wrong with a code last.
        deliveries: how many frames arrived that had to.
        silences: how often a frame provably caused nothing at a connection where it had to cause nothing.
        pending: leave notices that may still come; only of a settled recording.
        evidence: by requirement id, how many times something was checked that could have failed.
        situations: how often each cell of SPEC.md's tables was reached.
        chatter: how the system messages are worded that name users of the server's own accord.
    """

    findings: tuple[Finding, ...]
    deliveries: int
    silences: int
    evidence: Mapping[str, int]
    pending: tuple[PendingLeave, ...] = ()
    situations: Mapping[Cell, int] = field(default_factory=dict)
    chatter: frozenset[str] = frozenset()


@dataclass(slots=True)
class FindingCollector:
    """Collects findings and evidence while a history is judged."""

    findings: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    evidence: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    silences: int = 0
    pending: list[PendingLeave] = field(default_factory=list)
    situations: Counter[Cell] = field(default_factory=Counter)
    chatter: frozenset[str] = frozenset()
    derailed: dict[str, tuple[int, int]] = field(default_factory=dict)
    _known: set[tuple[str, Cause]] = field(default_factory=set)

    def report(  # noqa: PLR0913  what a finding consists of
        self,
        requirement: str,
        connection: str,
        expected: str,
        actual: str,
        event: int | None,
        *frames: bytes,
        cause: Cause | None = None,
        instead: tuple[str, ...] = (),
    ) -> None:
        """Add a finding; the same one twice counts once, and so does what one frame breaks at several recipients."""
        if cause is not None and self._is_known(requirement, cause):
            return  # the same at another recipient
        found = Finding(requirement, expected, actual, connection=connection, event=event, frames=frames, cause=cause)
        found = replace(found, instead=instead) if instead else found
        self.findings.setdefault((requirement, connection, expected, actual, event), found)

    def report_received(  # noqa: PLR0913  the same, at a frame
        self,
        requirement: str,
        received: ReceivedFrame,
        expected: str,
        actual: str = "",
        cause: SentFrame | Cause | None = None,
        *,
        instead: tuple[str, ...] = (),
    ) -> None:
        """Add a finding at a frame that arrived; if nothing else is said of it, it is ``actual`` itself."""
        cause = cause or received.cause
        named = cause.as_cause if isinstance(cause, SentFrame) else cause
        actual = actual or describe_received(received)
        label, data = received.connection.label, received.frame.data
        self.report(requirement, label, expected, actual, received.at, data, cause=named, instead=instead)

    def _is_known(self, requirement: str, cause: Cause) -> bool:
        known = (requirement, cause) in self._known
        self._known.add((requirement, cause))
        return known

    def derail(self, connection: str, line: int, event: int) -> None:
        """Note that a connection went off the rails at a line that it sent: what it shows later is a consequence."""
        first = self.derailed.setdefault(connection, (line, event))
        self.derailed[connection] = min(first, (line, event))

    def _is_consequence(self, found: Finding) -> bool:
        cause = found.cause
        if cause is not None and cause.connection in self.derailed:
            return cause.line == END or cause.line > self.derailed[cause.connection][0]
        at = found.connection
        if at is None or found.event is None or at not in self.derailed:
            return False
        return found.event > self.derailed[at][1]

    def report_unanswered(self, requirement: str, sent: SentFrame, expected: str) -> None:
        """Add a finding at a frame that got no answer."""
        self.report(requirement, sent.connection.label, expected, "no answer", sent.at, cause=sent.as_cause)

    def judgement(self) -> Judgement:
        """Return what was collected; of codes only what is wrong in answers that are right otherwise."""
        first = [found for found in self.findings.values() if not self._is_consequence(found)]
        wrong = {found.cause for found in first if not _is_code(found)}
        ordered = sorted((found for found in first if not (_is_code(found) and found.cause in wrong)), key=_place)
        return Judgement(
            tuple(ordered),
            self.deliveries,
            self.silences,
            dict(self.evidence),
            tuple(self.pending),
            self.situations,
            self.chatter,
        )


def _place(found: Finding) -> tuple[bool, int]:
    return _is_code(found), FOREVER if found.event is None else found.event


def _is_code(found: Finding) -> bool:
    return found.requirement == "ERROR-12"
