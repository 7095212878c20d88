"""A whole replay of a client's failure: play it as often as asked, judge, and say how it compares."""

import json
from dataclasses import replace
from pathlib import Path

from chatproof_conformance.apps.replay.client_player import judged_of, play, wrongs_of
from chatproof_conformance.apps.replay.console import ReplayConsole
from chatproof_conformance.apps.replay.player import Played
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN
from chatproof_conformance.endpoints.process.driver import BUNDLED
from chatproof_conformance.judges.server import Judgement
from chatproof_conformance.wire.notes import read_notes
from chatproof_conformance.wire.received import received_frames
from chatproof_schemas.transcript import Kind, Transcript, write_transcript


def replay_client(recorded: Transcript, name: str, command: str | None, *, times: int, save: str | None) -> int:
    """Play a recording to a client (None: the bundled one), say what comes of it, and return the exit code.

    Raises:
        TargetGone: where the client cannot be started.
        NotTested: where the recording was made of a client with no driver.
        OSError: where the new recording cannot be saved.
    """
    if not any(event.kind is Kind.REQUEST for event in recorded.events):
        raise NotTested(f"{name} was made with --listen: the script beside it plays it to a client that a person uses")
    notes = read_notes(recorded.events)
    console = ReplayConsole()
    console.begin(name, recorded, notes, command or "the bundled client")
    # What only a case could see is seen again where the client does the same again.
    hidden = notes.requirement if notes is not None and not wrongs_of(recorded.events) else None
    plays: list[Played] = []
    for number in range(times):
        transcript, death = play(recorded, command or BUNDLED)
        same = hidden if hidden and _deeds(transcript) == _deeds(recorded) else None
        plays.append(Played(transcript, _judgement(transcript), _frames(transcript), death, same))
        console.played(number + 1, times, plays[-1])
    if save:
        write_transcript(plays[-1].transcript, Path(save))
    code = BROKEN if any(played.breaks for played in plays) else UNKNOWN if hidden else CONFORMS
    console.conclude(recorded, plays, notes, code)
    return code


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
