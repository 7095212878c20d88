"""What a run prints: progress while it runs, sections as a tree, failures with all that helps to fix them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console as Terminal
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import CaseInfo, RunListener
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, CaseResult, RequirementResult, Verdict
from chatproof_conformance.reporting.last_frames import last_frames
from chatproof_conformance.reporting.summary import Summary, distinct
from chatproof_conformance.reporting.wording import SECTIONS, SIGNS, counted_verdicts
from chatproof_schemas import Requirement, requirements

if TYPE_CHECKING:
    from chatproof_conformance.baseline.applying import Applied

VERDICT_STYLES = {
    Verdict.PASS: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.BLOCKED: "magenta",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.NOT_TESTED: "dim",
}
_STYLES = {CONFORMS: "bold green", BROKEN: "bold red"}
_FRAMES_SHOWN = 8


def print_finding(out: Terminal, finding: Finding, verdict: Verdict) -> None:
    """Print what a finding breaks, what was expected and what was received."""
    row, style = requirements()[finding.requirement], VERDICT_STYLES[verdict]
    out.print(f"\n[{style}]{verdict.value.upper()} {row.id}[/] ({row.level.value}) {escape(row.sentence)}")
    out.print(f"  expected  {escape(finding.expected_there)}")
    out.print(f"  actual    {escape(finding.actual)}")


class Console(RunListener):
    """Listens to a run and prints to standard output (``aside``: to standard error, since a report goes there).

    It prints in colour if the terminal supports it.
    """

    def __init__(self, *, aside: bool = False) -> None:
        self._out = Terminal(highlight=False, soft_wrap=True, stderr=aside)
        self._last_reason = ""
        columns = (TextColumn("  {task.description}"), BarColumn(30), MofNCompleteColumn())
        self._progress = Progress(*columns, console=self._out, transient=True, disable=not self._out.is_terminal)
        self._task = self._progress.add_task("")

    # Listener

    def planned(self, cases: Sequence[CaseInfo]) -> None:
        """Begin the progress bar."""
        self._progress.update(self._task, total=len(cases))

    def started(self, case: CaseInfo) -> None:
        """Show which case runs."""
        self._progress.start()
        self._progress.update(self._task, description=f"{case.requirements[0]:<10}")

    def finished(self, case: CaseInfo, result: CaseResult) -> None:  # noqa: ARG002  the bar only counts
        """Advance the progress bar."""
        self._progress.advance(self._task)

    def say(self, text: str) -> None:
        """Print one line."""
        self._out.print(escape(text))

    def begin(self, described: str, options: Options) -> None:
        """Print what is checked."""
        self._out.print(f"Checking [bold]{escape(described)}[/] (seed {options.seed})")

    def list_requirements(self, plan: Sequence[CaseInfo]) -> None:
        """Print the tree of sections, requirements and cases."""
        shown = {id_ for case in plan for id_ in case.requirements}
        section = ""
        for row in requirements().values():
            if row.id in shown:
                section = self._heading(row, section)
                self._out.print(f"  {row.id:<11}{row.level.value:<8}{escape(row.sentence)}")
                for case in plan:
                    if row.id in case.requirements:
                        generated = " [dim](generated input)[/]" if case.generated else ""
                        self._out.print(f"      [dim]{case.name}[/]{generated}")

    def conclude(self, summary: Summary) -> None:
        """Print the tree of verdicts, the failures, and the summary."""
        self._progress.stop()
        section = ""
        for result in summary.result.judged:
            section = self._heading(result.requirement, section)
            self._verdict_line(result, summary)
        for result in summary.result.judged:
            for finding in distinct([finding for finding in result.findings if not summary.is_known(finding)]):
                self._finding(result, finding, summary)
        self._baseline(summary.baseline)
        self._totals(summary)

    def _heading(self, row: Requirement, before: str) -> str:
        if row.section != before:
            self._out.print(f"\n[bold]{row.section}[/]  [dim]{SECTIONS[row.section]}[/]")
        return row.section

    def _verdict_line(self, result: RequirementResult, summary: Summary) -> None:
        sign, style = SIGNS[result.verdict], VERDICT_STYLES[result.verdict]
        line = Text(f"  {sign} ", style)
        line.append(f"{result.requirement.id:<11}", "default" if result.verdict is Verdict.PASS else style)
        line.append(result.requirement.sentence, "default")
        if result.verdict not in (Verdict.PASS, Verdict.FAIL, Verdict.WARNING):
            again = result.reason == self._last_reason
            known = ", by what is known" * summary.is_accepted(result)
            line.append(f"\n      {result.verdict.value}{known}: {'as above' if again else result.reason}", "dim")
            self._last_reason = result.reason
        elif summary.is_accepted(result):
            line.append("\n      known: see below", "dim")
        self._out.print(line)

    def _finding(self, result: RequirementResult, finding: Finding, summary: Summary) -> None:
        print_finding(self._out, finding, result.verdict)
        if finding.intermittent:
            rate = f"{finding.failures} of {finding.attempts} attempts"
            self._out.print(f"  [yellow]intermittent[/]: seen in {rate}")
        frames = last_frames(finding.events, _FRAMES_SHOWN)
        for place, line in enumerate(frames):
            self._out.print(f"  {'frames' if not place else '':<9} {escape(line)}")
        label = "at" if summary.request.seed is None else "case"
        self._out.print(f"  [dim]{label:<9}[/] {finding.case}")
        self._out.print(f"  [dim]repeat[/]    {escape(summary.request.command_line_of(finding))}")
        saved = summary.saved.get((finding.requirement, finding.case))
        if saved is not None:
            self._out.print(f"  [dim]saved[/]     {escape(str(saved))} (diagram: .mmd, script: .py)")

    def _baseline(self, applied: "Applied | None") -> None:
        if applied is None:
            return
        for entry in dict.fromkeys(applied.known.values()):
            link = f" ({entry.link})" if entry.link else ""
            self._out.print(f"\n[yellow]KNOWN {entry}[/] until {entry.expires}: {escape(entry.reason + link)}")
        for entry, problem in applied.unfounded.items():
            self._out.print(f"\n[bold red]BASELINE {escape(str(entry))}[/] {escape(problem)}")
            self._out.print(f"  in        {escape(applied.baseline.name)}")

    def _totals(self, summary: Summary) -> None:
        parts = counted_verdicts(summary.counts())
        evidence = summary.evidence()
        count = len(summary.result.cases)
        cases = "" if summary.request.seed is None else f" in {count} case{'s' * (count != 1)}"
        style = _STYLES.get(summary.exit_code, "bold magenta")
        known = sum(bool(result.findings) and summary.is_accepted(result) for result in summary.result.judged)
        known_part = f"; {known} of them known" if known else ""
        counted = f" {', '.join(parts)} of {len(summary.result.judged)} requirements{known_part}" if parts else ""
        self._out.print(f"\n[{style}]{summary.headline}[/]{counted}")
        self._out.print(
            f"[dim]{evidence.deliveries:,} deliveries seen, {evidence.silences:,} absences verified, "
            f"{evidence.frames:,} frames checked{cases}, {summary.seconds:.1f} s[/]"
        )
        if summary.result.gone:
            self._out.print(f"[bold red]The run ended early:[/] {escape(summary.result.gone)}")
