"""A whole replay: read the recording, play it as often as asked, judge, and say how it compares."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chatproof_conformance.apps.replay.console import ReplayConsole
from chatproof_conformance.apps.replay.player import Played, play
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN
from chatproof_conformance.endpoints.process.command import BUNDLED, CommandTarget, ServerCommand
from chatproof_conformance.endpoints.process.target import RunningTarget, Target
from chatproof_conformance.judges.recordings import judge_recording
from chatproof_conformance.wire.differences import find_differences
from chatproof_conformance.wire.notes import Notes, read_notes
from chatproof_schemas.transcript import Transcript, read_transcript, write_transcript

_UNSEEN_SECTIONS = ("LOAD", "STOP")
"""They are about time and about the server's process: the same traffic need not be the same failure."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where servers to play against come from.

    Attributes:
        address: of a server that runs already; None: one is started for each play.
        command: the command line that starts it; None: the bundled server.
        announce: how to speak for its operator.
    """

    address: tuple[str, int] | None
    command: str | None
    announce: str | None

    @property
    def described(self) -> str:
        """How a report names it."""
        if self.address is not None:
            return f"{self.address[0]}:{self.address[1]}"
        return self.command or "the bundled server"

    @contextmanager
    def server(self) -> Iterator[Target]:
        """Yield a server that accepts connections, and stop it afterwards if it was started for this.

        Raises:
            TargetGone: where there is none.
        """
        if self.address is not None:
            running = RunningTarget(self.address, self.announce)
            running.reach()
            yield running
            return
        recipe = ServerCommand(self.command, self.announce) if self.command else ServerCommand(BUNDLED, "stdin")
        target = CommandTarget(recipe)
        try:
            target.start()
            yield target
        finally:
            target.end()


def replay_file(path: Path, source: Source, *, times: int, save: str | None) -> int:
    """Play a saved recording, say what comes of it, and return the exit code.

    Raises:
        TranscriptError: where the file is no recording.
        TargetGone: where there is no server.
        NotTested: where the recording needs what the server was not given.
        OSError: where the new recording cannot be saved.
    """
    recorded = read_transcript(path)
    notes = read_notes(recorded.events)
    console = ReplayConsole()
    console.begin(str(path), recorded, notes, source.described)
    hidden = _hidden_failure(recorded, notes)
    plays = []
    for number in range(times):
        plays.append(_play(recorded, source, hidden))
        console.played(number + 1, times, plays[-1])
    if save:
        write_transcript(plays[-1].transcript, Path(save))
    code = BROKEN if any(played.breaks for played in plays) else UNKNOWN if hidden else CONFORMS
    console.conclude(recorded, plays, notes, code)
    return code


def _hidden_failure(recorded: Transcript, notes: Notes | None) -> str | None:
    """Return the requirement that a case saw broken in a recording in which the judge sees nothing broken."""
    return notes.requirement if notes is not None and not judge_recording(recorded).findings else None


def _play(recorded: Transcript, source: Source, hidden: str | None) -> Played:
    with source.server() as server:
        played = play(recorded, server, rename=source.address is not None)
    # Where only a case could see the failure, the same traffic is the same failure.
    shown = hidden is not None and hidden.split("-")[0] not in _UNSEEN_SECTIONS
    return replace(played, hidden=hidden) if shown and not find_differences(recorded, played.frames) else played
