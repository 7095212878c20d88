"""The outcome of one play of a recording."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatproof_conformance.judges.server import Judgement
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Played:
    """The outcome of one play.

    Attributes:
        transcript: everything that passed, with the names that were used.
        judgement: what it breaks and verifies.
        frames: by connection, what arrived in answer to the recorded traffic, with the recorded names.
        exit_reason: how what was played to died, if it did.
        hidden: a requirement that is broken in a way that the judge does not see; None if there is none.
    """

    transcript: Transcript
    judgement: Judgement
    frames: Mapping[str, list[bytes]]
    exit_reason: str | None
    hidden: str | None = None

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of the requirements that it breaks, in the order of SPEC.md."""
        found = {finding.requirement for finding in self.judgement.findings} | {self.hidden}
        return tuple(id_ for id_ in requirements() if id_ in found)

    @property
    def breaks(self) -> bool:
        """Whether it breaks anything."""
        return bool(self.broken or self.exit_reason)
