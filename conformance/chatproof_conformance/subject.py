"""What a run checks, as the plugin knows it: a server or a client, and the scene of each case with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chatproof_conformance.outcomes import TargetGone
from chatproof_conformance.peers.chat import Chat, Party
from chatproof_conformance.peers.evidence import Evidence
from chatproof_conformance.peers.inbox import Violation
from chatproof_conformance.peers.patience import Patience
from chatproof_conformance.targets.revival import Death, revive
from chatproof_schemas.transcript import Event, Transcript


class Scene(Protocol):
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


class Subject(Protocol):
    """What is checked."""

    @property
    def cases(self) -> Path:
        """The folder of the cases."""

    @property
    def fixture(self) -> str:
        """The name by which a case takes its scene."""

    @property
    def patience(self) -> Patience:
        """What is known of its speed."""

    def scene(self) -> Scene:
        """Return a new scene."""

    def revive(self, outcome: BaseException | None) -> Death | None:
        """Return how it died in a case, having started it again; None where it lives."""


SERVER_CASES = Path(__file__).parent / "cases"
CLIENT_CASES = Path(__file__).parent / "clients" / "cases"


@dataclass(frozen=True)
class ServerSubject:
    """A server: each case has a chat on it. Without a party its cases can be listed and not run."""

    party: Party | None
    cases: Path = SERVER_CASES
    fixture: str = "chat"

    @property
    def patience(self) -> Patience:
        """What is known of its speed."""
        return self._party().patience

    def scene(self) -> Chat:
        """Return a chat with nobody in it."""
        return Chat(self._party())

    def revive(self, outcome: BaseException | None) -> Death | None:
        """Return how the server died, having started it again; None where it lives."""
        return revive(self._party(), outcome)

    def _party(self) -> Party:
        if self.party is None:
            raise TargetGone("no target")
        return self.party
