"""Plays recordings of a server to a server."""

from dataclasses import dataclass

from chatproof_conformance.apps.replay.played import Played
from chatproof_conformance.apps.replay.server_player import play
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.judges.recordings import judge_recording
from chatproof_conformance.wire.differences import find_differences
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Transcript

_UNSEEN_SECTIONS = ("LOAD", "STOP")
"""They are about time and about the server's process: the same traffic need not be the same failure."""


@dataclass(frozen=True, slots=True)
class ServerReplayer:
    """Plays to servers of a source: to a fresh one each time, if the source starts them."""

    source: ServerSource

    @property
    def described(self) -> str:
        """How a report names the server."""
        return self.source.described

    def shows_failure(self, recorded: Transcript) -> bool:
        """Whether the judge sees anything broken in a recording."""
        return bool(judge_recording(recorded).findings)

    def play(self, recorded: Transcript) -> Played:
        """Play a recording's clients against a server.

        Raises:
            TargetGone: if there is none.
            NotTested: if the recording holds an announcement, and nobody can make the server announce.
        """
        target = self.source.target()
        try:
            target.start()
            return play(recorded, target, rename=not target.started_by_us)
        finally:
            target.end()

    def is_same(self, recorded: Transcript, played: Played, requirement: str) -> bool:
        """Whether the traffic is the same, and shows all that the requirement is about."""
        unseen = requirements()[requirement].section in _UNSEEN_SECTIONS
        return not unseen and not find_differences(recorded, played.frames)
