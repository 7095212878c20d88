"""A whole replay: read the recording, play it as often as asked, judge, and say how it compares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatproof_conformance.replay.notes import Notes, read_notes
from chatproof_conformance.replay.player import Played, play
from chatproof_conformance.report.replays import ReplayConsole
from chatproof_conformance.targets.command import BUNDLED, CommandTarget, Recipe
from chatproof_conformance.targets.target import RunningTarget, Target
from chatproof_conformance.transcript import Transcript, read_transcript, write_transcript
from chatproof_conformance.verdicts import BROKEN, CONFORMS, UNKNOWN

_UNSEEN_SECTIONS = ("LOAD", "STOP")
"""They are about time and about the server's process: no recording shows that they are kept."""


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
        recipe = Recipe(self.command, self.announce) if self.command else Recipe(BUNDLED, "stdin")
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
    plays = []
    for number in range(times):
        plays.append(_play(recorded, source))
        console.played(number + 1, times, plays[-1])
    if save:
        write_transcript(plays[-1].transcript, Path(save))
    code = _exit_code(plays, notes)
    console.conclude(recorded, plays, notes, code)
    return code


def _play(recorded: Transcript, source: Source) -> Played:
    with source.server() as server:
        return play(recorded, server, rename=source.address is not None)


def _exit_code(plays: Sequence[Played], notes: Notes | None) -> int:
    if any(played.breaks for played in plays):
        return BROKEN
    unseen = notes is not None and notes.requirement.split("-")[0] in _UNSEEN_SECTIONS
    return UNKNOWN if unseen else CONFORMS
