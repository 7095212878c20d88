"""A whole replay: play a recording as often as asked, judge, and print how it compares."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chatproof_common.command_line.files import writing
from chatproof_conformance.apps.replay.console import ReplayConsole
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN
from chatproof_conformance.wire.notes import read_notes
from chatproof_schemas.transcript import Transcript, write_transcript

if TYPE_CHECKING:
    from chatproof_conformance.apps.replay.client_replayer import ClientReplayer
    from chatproof_conformance.apps.replay.played import Played
    from chatproof_conformance.apps.replay.server_replayer import ServerReplayer

Replayer: TypeAlias = "ClientReplayer | ServerReplayer"


def replay(recorded: Transcript, name: str, replayer: Replayer, *, times: int, save: str | None) -> int:
    """Play a recording, print the outcome, and return the exit code.

    Raises:
        TargetGone: if the program cannot be started, or accepts no connection.
        NotTested: if the recording needs what the program was not given.
        CommandError: if the new recording cannot be saved.
    """
    notes = read_notes(recorded.events)
    console = ReplayConsole()
    console.begin(name, recorded, notes, replayer.described)
    hidden = notes.requirement if notes is not None and not replayer.shows_failure(recorded) else None
    plays: list[Played] = []
    for number in range(times):
        played = replayer.play(recorded)
        if hidden and replayer.is_same(recorded, played, hidden):
            played = replace(played, hidden=hidden)
        plays.append(played)
        console.played(number + 1, times, played)
    if save:
        with writing(f"--save {save}"):
            write_transcript(plays[-1].transcript, Path(save))
    code = BROKEN if any(played.breaks for played in plays) else UNKNOWN if hidden else CONFORMS
    console.conclude(recorded, plays, notes, code)
    return code
