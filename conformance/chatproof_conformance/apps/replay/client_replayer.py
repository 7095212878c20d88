"""Plays recordings of a client to a client."""

import json
from dataclasses import dataclass, replace

from chatproof_conformance.apps.replay.client_player import judged_of, play, wrongs_of
from chatproof_conformance.apps.replay.played import Played
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.endpoints.process.driver import BUNDLED
from chatproof_conformance.judges.server import Judgement
from chatproof_conformance.wire.received import received_frames
from chatproof_schemas.transcript import Kind, Transcript


@dataclass(frozen=True, slots=True)
class ClientReplayer:
    """Plays to a client that is started anew each time.

    Attributes:
        command: the command line of its driver; None: the bundled client's.
    """

    command: str | None

    @property
    def described(self) -> str:
        """How a report names the client."""
        return self.command or "the bundled client"

    def shows_failure(self, recorded: Transcript) -> bool:
        """Whether the judge sees anything broken in a recording."""
        return bool(wrongs_of(recorded.events))

    def play(self, recorded: Transcript) -> Played:
        """Play a recording's server and user to a client.

        Raises:
            TargetGone: if the client cannot be started.
        """
        transcript, exit_reason = play(recorded, self.command or BUNDLED)
        return Played(transcript, _judgement(transcript), _frames(transcript), exit_reason)

    def is_same(self, recorded: Transcript, played: Played, requirement: str) -> bool:  # noqa: ARG002  whatever it is
        """Whether the client does the same again, whatever the segments and times."""
        return _deeds(played.transcript) == _deeds(recorded)


def require_driver(recorded: Transcript, name: str) -> None:
    """Make sure that a recording can be played to a client with a driver.

    Raises:
        NotTested: if it was made of a client with none.
    """
    if not any(event.kind is Kind.REQUEST for event in recorded.events):
        raise NotTested(f"{name} was made with --listen: the script beside it plays it to a client that a person uses")


def _judgement(transcript: Transcript) -> Judgement:
    judged, evidence = judged_of(transcript.events), Evidence()
    for connection in judged:
        evidence.add(connection.evidence)
    findings = tuple(replace(wrong, connection="the client") for one in judged for wrong in one.wrongs)
    return Judgement(findings, evidence.deliveries, evidence.silences, {})


def _frames(transcript: Transcript) -> dict[str, list[bytes]]:
    frames: dict[str, list[bytes]] = {}
    for received in received_frames(transcript):
        frames.setdefault(received.connection, []).append(received.frame)
    return frames


def _deeds(transcript: Transcript) -> list[object]:
    """Return what a client sent and what was told of it, in order, whatever the segments and times."""
    sent = b"".join(event.data for event in transcript.events if event.kind is Kind.CLIENT_DATA)
    told = [json.loads(event.data) for event in transcript.events if event.kind is Kind.DRIVER_EVENT]
    return [sent, *told]
