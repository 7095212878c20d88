"""What a run checks, as the plugin knows it: a server or a client, and the scene of each case with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.endpoints.peers.inbox import Violation
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.crash import Crash
from chatproof_schemas.transcript import Event, Transcript


class CaseSession(Protocol):
    """Where one attempt at a case takes place, and what was seen there: a chat, or a stage for a client."""

    @property
    def transcript(self) -> Transcript:
        """Everything that passed."""

    @property
    def evidence(self) -> Evidence:
        """What the verdict of the case rests on."""

    @property
    def violations(self) -> Sequence[Violation]:
        """Frames that break a requirement, whatever the case is about."""

    def requires_life(self) -> None:
        """Make sure that what is checked lives; where it doesn't, raise what says so: that explains a failure."""

    def begins_example(self) -> None:
        """Note that a generated example begins."""

    def last_example(self) -> list[Event]:
        """Return the traffic that a report shows: of the last example, where there are examples."""

    def traffic_of(self, violation: Violation) -> Transcript:
        """Return the traffic in which a requirement was first seen violated."""

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
        """The name by which a case takes its scene."""

    @property
    def timeout(self) -> AdaptiveTimeout:
        """What is known of its speed."""

    def session(self) -> CaseSession:
        """Return a new scene."""

    def restart_if_crashed(self, outcome: BaseException | None) -> Crash | None:
        """Return how it died in a case, having started it again; None where it lives."""


SERVER_CASES = Path(__file__).parents[1] / "cases" / "server"
CLIENT_CASES = Path(__file__).parents[1] / "cases" / "client"
