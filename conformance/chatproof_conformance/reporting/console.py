"""What a run prints: findings the moment they are known; at the end what to mend first, verdicts, and the totals."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from chatproof_common.command_line.program import typed_program
from chatproof_common.terminal import Terminal, markup, markup_lines
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, RequirementResult, Verdict
from chatproof_conformance.reporting.finding_block import VERDICT_STYLES, print_finding, print_proof, verdict_of
from chatproof_conformance.reporting.hints import find_hint
from chatproof_conformance.reporting.situation_tables import print_situations
from chatproof_conformance.reporting.summary import RunRequest, Summary, distinct
from chatproof_conformance.reporting.wording import SECTIONS, SIGNS, counted_verdicts, explains
from chatproof_schemas import Requirement, requirements, sections

if TYPE_CHECKING:
    from chatproof_conformance.baseline.applying import Applied
    from chatproof_conformance.baseline.entries import Baseline, Entry

_STYLES = {CONFORMS: "bold green", BROKEN: "bold red"}
_BROKEN = (Verdict.FAIL, Verdict.WARNING)


class Console(RunListener):
    """Listens to a run and prints to standard output (``aside``: to standard error, since a report goes there).

    It prints in colour if the terminal supports it.
    """

    def __init__(
        self,
        request: RunRequest,
        baseline: "Baseline | None" = None,
        *,
        aside: bool = False,
        situations: bool = False,
    ) -> None:
        """Print about a run; what a baseline knows at its end only, and there with ``situations`` those reached."""
        self._baseline = baseline
        self._out = Terminal(stderr=aside)
        self._request = request
        self._situations = situations
        self._printed: list[Finding] = []
        self._asked = {*selected_ids(request.options.selection, request.role)}
        columns = (TextColumn("  {task.description}"), BarColumn(20), MofNCompleteColumn())
        self._progress = Progress(*columns, console=self._out, transient=True, disable=not self._out.is_interactive)
        self._task = self._progress.add_task("")
        self._done = False

    # Listener

    def progress(self, done: int, planned: int, what: str) -> None:
        """Show how far the run is."""
        self._progress.start()
        self._done = done >= planned
        self._progress.update(self._task, total=planned, completed=done, description=f"{what:<10}")

    def waiting(self, subjects: Sequence[str]) -> None:
        """Show what is waited for, once all planned acts are done."""
        if self._done and subjects:
            more = f" (and {len(subjects) - 1} more)" if len(subjects) > 1 else ""
            self._progress.update(self._task, description=f"waiting for {subjects[0]}{more}")

    def finding(self, finding: Finding) -> None:
        """Print a finding, if its requirement was asked for."""
        if finding.requirement in self._asked:
            self._found(finding)

    def narrowed(self, finding: Finding, replaces: Finding) -> None:
        """Print a finding again, and of which one it is the better form."""
        if finding.requirement in self._asked:
            self._found(finding, replaces)

    def say(self, text: str) -> None:
        """Print one line."""
        self._out.print(markup_lines(text, 2))

    def begin(self) -> None:
        """Print what is checked."""
        self._out.print(f"Checking [bold]{markup(self._request.described)}[/] (seed {self._request.seed})")

    def conclude(self, summary: Summary) -> None:
        """Print what was not printed yet of the findings, what to mend first, the verdicts, and the totals."""
        self._progress.stop()
        for result in summary.result.judged:
            for finding in distinct([one for one in result.findings if not summary.is_known(one)]):
                if not any(_is_same(finding, one) for one in self._printed):
                    self._found(finding)
        self._saved(summary)
        self._mend_first(summary)
        self._verdicts(summary)
        self._known(summary.baseline)
        if self._situations:
            print_situations(self._out, summary.result.situations)
        self._totals(summary)

    def _found(self, finding: Finding, replaces: Finding | None = None) -> None:
        if self._entry(finding) is not None:
            return
        again = any(one.requirement == finding.requirement for one in self._printed)
        self._printed.append(finding)
        print_finding(self._out, finding, verdict_of(finding), again=again)
        print_proof(self._out, finding, self._request)
        if replaces is not None:
            above = f"of {replaces.requirement} above: {replaces.expected_there}"
            self._out.print(f"  [dim]instead[/]   {self._out.lines(above, 12)}")

    def _saved(self, summary: Summary) -> None:
        for (id_, _), path in summary.saved.items():
            self._out.print(f"\n[bold]Saved[/] {id_}: {markup(str(path))} (diagram: .mmd, script: .py)")
            again = f"{typed_program()} replay {path}{self._request.target_words}"
            self._out.print(f"  [dim]again[/]     {markup(again)}")

    def _mend_first(self, summary: Summary) -> None:
        findings = [one for one in summary.result.mend_first if not summary.is_known(one)]
        if findings:
            self._out.print("\n[bold]Mend first[/]")
        for place, finding in enumerate(findings, 1):
            waiting = [one.requirement.id for one in summary.result.judged if one.blocked_by == finding.requirement]
            line = f"{finding.requirement:<11}expected {finding.expected_there}; got {finding.actual}"
            more = explains(finding.hides, finding.hidden, waiting)
            after = f"\n      [dim]{self._out.lines(more, 6)}[/]" if more else ""
            self._out.print(f"  {place:>2}. {self._out.lines(line, 6)}{after}")

    def _verdicts(self, summary: Summary) -> None:
        for section in sections():
            judged = [one for one in summary.result.judged if one.requirement.section == section]
            if judged:
                print_section(self._out, judged[0].requirement)
            for group in _groups(judged, summary):
                self._out.print(_verdict_line(self._out, group, known=summary.is_accepted(group[0])))

    def _entry(self, finding: Finding) -> "Entry | None":
        return self._baseline.entry_for(finding) if self._baseline else None

    def _known(self, applied: "Applied | None") -> None:
        if applied is None:
            return
        for entry in dict.fromkeys(applied.known.values()):
            why = markup_lines(entry.reason + (f" ({entry.link})" if entry.link else ""), 12)
            self._out.print(f"\n[yellow]KNOWN {markup(str(entry))}[/] until {entry.expires}: {why}")
        for entry, problem in applied.unfounded.items():
            self._out.print(f"\n[bold red]BASELINE {markup(str(entry))}[/] {markup_lines(problem, 12)}")
            self._out.print(f"  in        {markup(applied.baseline.name)}")

    def _totals(self, summary: Summary) -> None:
        parts = counted_verdicts(summary.counts())
        evidence = summary.evidence()
        style = _STYLES.get(summary.exit_code, "bold magenta")
        known = sum(bool(result.findings) and summary.is_accepted(result) for result in summary.result.judged)
        known_part = f"; {known} of them known" if known else ""
        counted = f"{', '.join(parts)} of {len(summary.result.judged)} requirements{known_part}" if parts else ""
        after = f" {self._out.lines(counted, 2, len(summary.headline) + 1)}" if counted else ""
        self._out.print(f"\n[{style}]{summary.headline}[/]{after}")
        if summary.progress:
            self._out.print(self._out.lines(summary.progress.sentence, 0))
        rests = (
            f"{evidence.deliveries:,} deliveries seen, {evidence.silences:,} absences verified, "
            f"{evidence.frames:,} frames checked, {summary.seconds:.1f} s"
        )
        self._out.print(f"[dim]{self._out.lines(rests, 2, 0)}[/]")
        if summary.result.stop_request:
            self._out.print(f"[dim]{self._out.lines(f'To stop it: {summary.result.stop_request}.', 2)}[/]")
        if hint := find_hint(summary):
            self._out.print(self._out.lines(hint, 0))
        if summary.result.ended_early:
            self._out.print(f"[bold red]The run ended early:[/] {self._out.lines(summary.result.ended_early, 2, 21)}")


def print_requirements(ids: Iterable[str]) -> None:
    """Print requirements by section."""
    out = Terminal()
    section = ""
    for row in map(requirements().__getitem__, ids):
        if row.section != section:
            section = row.section
            print_section(out, row)
        out.print(f"  {row.id:<11}{row.level.value:<8}{out.lines(row.sentence, 21)}")


def print_section(out: Terminal, row: Requirement) -> None:
    """Print the heading of a requirement's section."""
    out.print(f"\n[bold]{row.section}[/]  [dim]{SECTIONS[row.section]}[/]")


def _is_same(one: Finding, other: Finding) -> bool:
    return (one.requirement, one.seen_by) == (other.requirement, other.seen_by)


def _groups(judged: Sequence[RequirementResult], summary: Summary) -> list[list[RequirementResult]]:
    """Return the results of a section, those together of which the same is said; what is broken stands alone."""
    groups: dict[object, list[RequirementResult]] = {}
    for result in judged:
        said = result.requirement.id if result.verdict in _BROKEN else result.reason
        groups.setdefault((result.verdict, said, summary.is_accepted(result)), []).append(result)
    return list(groups.values())


def _verdict_line(out: Terminal, group: Sequence[RequirementResult], *, known: bool) -> str:
    verdict, style = group[0].verdict, VERDICT_STYLES[group[0].verdict]
    ids = out.lines(" ".join(f"{result.requirement.id:<10}" for result in group).rstrip(), 4)
    line = f"  [{style}]{SIGNS[verdict]}[/] " + (ids if verdict is Verdict.PASS else f"[{style}]{ids}[/]")
    if verdict in _BROKEN:
        return line + f"  {out.lines(group[0].requirement.sentence, 6, 16)}" + "\n      known: see below" * known
    if verdict is Verdict.PASS:
        return line
    why = f"{verdict.value}{', by what is known' * known}: {group[0].reason}"
    return f"{line}\n      [dim]{out.lines(why, 6)}[/]"
