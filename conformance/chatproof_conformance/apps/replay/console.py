"""What a replay prints."""

from collections import Counter
from collections.abc import Sequence

from chatproof_common.terminal import Terminal, markup, markup_lines
from chatproof_conformance.apps.replay.played import Played
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.finding_block import print_finding, verdict_of
from chatproof_conformance.wire.differences import find_differences
from chatproof_conformance.wire.notes import Notes
from chatproof_schemas.transcript import Transcript

_MOST_SHOWN = 5


class ReplayConsole:
    """Prints to standard output; in colour if the terminal supports it."""

    def __init__(self) -> None:
        self._out = Terminal()

    def begin(self, name: str, recorded: Transcript, notes: Notes | None, target: str) -> None:
        """Print what is played, and against what."""
        connections = len({event.connection for event in recorded.events if event.connection})
        self._out.print(
            f"Playing [bold]{markup(name)}[/] ({connections} connections) against [bold]{markup(target)}[/]"
        )
        if notes is not None:
            self._out.print(f"  recorded  {notes.requirement} broken: {markup(notes.case)}")
            self._out.print(f"  expected  {markup_lines(notes.expected, 12)}")
            self._out.print(f"  actual    {markup_lines(notes.actual, 12)}")

    def played(self, number: int, times: int, played: Played) -> None:
        """Print the outcome of one of several plays."""
        if times > 1:
            broken = ", ".join(played.broken) or ("it died" if played.exit_reason else "keeps the protocol")
            self._out.print(f"  {number:>4} of {times}: {broken}")

    def conclude(self, recorded: Transcript, plays: Sequence[Played], notes: Notes | None, code: int) -> None:
        """Print what the most informative play broke, where it differs from the recording, and the verdict."""
        shown = next((played for played in plays if played.breaks), plays[-1])
        for finding in _distinct(shown.judgement.findings)[:_MOST_SHOWN]:
            print_finding(self._out, finding, verdict_of(finding))
        if shown.exit_reason:
            self._out.print(f"\n[bold red]The {recorded.checked} died:[/] {markup_lines(shown.exit_reason, 2)}")
        self._differences(recorded, shown)
        if len(plays) > 1:
            self._rates(plays)
        self._verdict(shown, notes, code, Role(recorded.checked).command)

    def _differences(self, recorded: Transcript, played: Played) -> None:
        differences = find_differences(recorded, played.frames)
        if not differences:
            self._out.print("\nEvery connection got what it got in the recording.")
            return
        self._out.print("\nWhere it differs from the recording:")
        for line in differences[:_MOST_SHOWN]:
            self._out.print(f"  {markup(line)}")
        if len(differences) > _MOST_SHOWN:
            self._out.print(f"  and at {len(differences) - _MOST_SHOWN} more connections")

    def _rates(self, plays: Sequence[Played]) -> None:
        failed = Counter(id_ for played in plays for id_ in played.broken)
        self._out.print(f"\n{sum(played.breaks for played in plays)} of {len(plays)} plays break the protocol")
        for id_, count in failed.most_common():
            self._out.print(f"  {id_:<11}{count} of {len(plays)}")

    def _verdict(self, shown: Played, notes: Notes | None, code: int, command: str) -> None:
        if code == CONFORMS:
            counted = f"{shown.judgement.deliveries} deliveries seen, {shown.judgement.silences} absences verified"
            self._out.print(f"\n[bold green]What came keeps the protocol.[/] [dim]{counted}[/]")
        elif code == BROKEN:
            self._out.print(f"\n[bold red]What came breaks the protocol.[/]{_compared(shown, notes)}")
        elif notes is not None:
            self._out.print(
                f"\n[bold magenta]Nothing certain can be said:[/] only a case sees {notes.requirement} broken in this "
                f"recording; run `chatproof {command} … {markup(notes.case)}`"
            )


def _compared(shown: Played, notes: Notes | None) -> str:
    if notes is None:
        return ""
    if shown.hidden:
        return f" The traffic is that in which {shown.hidden} was seen broken live ({markup(notes.case)})."
    if notes.requirement in shown.broken:
        return f" It shows the recorded failure: {notes.requirement}."
    broken = ", ".join(shown.broken) or "its death"
    return f" It was recorded as {notes.requirement}; the judge of recordings sees it as {broken}."


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Return the first finding of each requirement."""
    return list({finding.requirement: finding for finding in reversed(findings)}.values())[::-1]
