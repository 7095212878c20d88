"""What a run checks, as the plugin knows it: a server or a client, and the session of each case with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.crash import Crash
from chatproof_schemas.transcript import Event, Transcript


class Traffic(Protocol):
    """Which part of a session's traffic a report shows."""

    def begin_example(self) -> None:
        """Note that a generated example begins."""

    def of_last_example(self) -> list[Event]:
        """Return the traffic of the last example, all of it if there are no examples."""

    def of(self, violation: Finding) -> Transcript:
        """Return the traffic in which a requirement was first seen violated."""


class CaseSession(Protocol):
    """One attempt at a case, and what was seen in it."""

    @property
    def transcript(self) -> Transcript:
        """Everything that passed."""

    @property
    def traffic(self) -> Traffic:
        """The part of it that a report shows."""

    @property
    def evidence(self) -> Evidence:
        """What the verdict of the case rests on."""

    @property
    def violations(self) -> Sequence[Finding]:
        """Frames that break a requirement, whatever the case is about."""

    def requires_life(self) -> None:
        """Make sure that what is checked lives; if it doesn't, raise what says so: that explains a failure."""

    def reads_the_rest(self) -> None:
        """Read what is still on its way, for a recording that lacks nothing."""

    def close(self) -> None:
        """End everything; harmless when repeated."""


class SystemUnderTest(Protocol):
    """What is checked."""

    @property
    def cases(self) -> Path:
        """The folder of the cases."""

    @property
    def fixture(self) -> str:
        """The name by which a case takes its session."""

    @property
    def timeout(self) -> AdaptiveTimeout:
        """What is known of its speed."""

    def session(self) -> CaseSession:
        """Return a new session."""

    def restart_if_crashed(self, outcome: BaseException | None) -> Crash | None:
        """Return how it died in a case, having started it again; None if it lives."""


SERVER_CASES = Path(__file__).parents[1] / "cases" / "server"
CLIENT_CASES = Path(__file__).parents[1] / "cases" / "client"
