"""What `interop` prints: how far it is, then the matrix, who broke what with the frames, and what changed."""

from collections.abc import Sequence

from rich import progress as bars
from rich.table import Table

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.interop.changes import Changes
from chatproof_conformance.apps.interop.meeting import Meeting
from chatproof_conformance.apps.interop.outcome import Outcome, Status
from chatproof_conformance.apps.interop.shape import ChatJson, InteropReport
from chatproof_conformance.apps.interop.wording import (
    Blame,
    blames,
    cell_words,
    grouped_reasons,
    rows_of,
    status_of,
)
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.traffic_steps import HAPPENINGS, DiagramStep, steps_in
from chatproof_conformance.reporting.wording import last_lines

_STYLES = {
    Status.WORKS: "green",
    Status.PARTLY: "cyan",
    Status.WARNING: "yellow",
    Status.BROKEN: "bold red",
    Status.UNSUPPORTED: "blue",
    Status.UNKNOWN: "magenta",
    Status.GONE: "dim",
}
_HEADLINES = {CONFORMS: "bold green", BROKEN: "bold red"}
_ARROWS = {"client": "→", "server": "←", "request": "asked", "told": "shown"}
_BEFORE, _AFTER = 4, 1
_FRAME = 160


class Progress:
    """A bar on a terminal while chats are had."""

    def __init__(self, meetings: Sequence[Meeting], *, aside: bool) -> None:
        """Be ready; ``aside``: on standard error, since standard output is a report's."""
        out = Terminal(stderr=aside)
        columns = (bars.TextColumn("  {task.description}"), bars.BarColumn(30), bars.MofNCompleteColumn())
        self._bar = bars.Progress(*columns, console=out, transient=True, disable=not out.is_interactive)
        self._task = self._bar.add_task("chats", total=len(meetings))

    def start(self) -> None:
        """Draw it."""
        self._bar.start()

    def stop(self) -> None:
        """Draw it no more."""
        self._bar.stop()

    def ended(self, outcome: Outcome) -> None:
        """Count a chat."""
        self._bar.update(self._task, advance=1, description=markup(outcome.server.label[:30]))


def print_report(report: InteropReport, changes: Changes | None, *, aside: bool) -> None:
    """Print how it went."""
    out = Terminal(stderr=aside, wraps_anywhere=False)
    out.print()
    out.print(_matrix(report))
    _print_reasons(out, report)
    for blame in blames(report):
        _print_blame(out, blame)
    if changes is not None:
        _print_changes(out, changes)
    style = _HEADLINES.get(report["exit_code"], "bold magenta")
    out.print(f"\n[{style}]{markup(report['headline'])}[/]", soft_wrap=True)
    out.print(f"[dim]again: {markup(report['repeat'])}[/]", soft_wrap=True)


def _matrix(report: InteropReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("client \\ server", overflow="fold")
    for server in report["servers"]:
        table.add_column(markup(server["label"]), overflow="fold")
    for name, cells in rows_of(report).items():
        table.add_row(markup(name), *map(_cell, cells))
    return table


def _cell(chat: ChatJson | None) -> str:
    head, *rest = cell_words(chat)
    style = _STYLES[status_of(chat)] if chat else "dim"
    return "\n".join([f"[{style}]{markup(head)}[/]", *(f"[dim]{markup(word)}[/]" for word in rest)])


def _print_reasons(out: Terminal, report: InteropReport) -> None:
    for reason, where in grouped_reasons(report).items():
        out.print(f"\n{out.lines(reason, 0)}", soft_wrap=True)
        out.print(f"  in        {out.lines(where, 12)}", soft_wrap=True)


def _print_blame(out: Terminal, blame: Blame) -> None:
    one, found = blame.breach, blame.breach["finding"]
    style = _STYLES[Status.BROKEN if one["level"] == "MUST" else Status.WARNING]
    head = f"{one['role']} {one['label']} breaks {one['requirement']}"
    out.print(f"\n[{style}]{markup(head)}[/] ({one['level']}) {markup(one['sentence'])}", soft_wrap=True)
    out.print(f"  with      {markup(blame.where)}", soft_wrap=True)
    out.print(f"  expected  {out.lines(found['expected'], 12)}", soft_wrap=True)
    out.print(f"  actual    {out.lines(found['actual'], 12)}", soft_wrap=True)
    for place, step in enumerate(_around(steps_in(found["traffic"]))):
        word = _ARROWS.get(step.event) or HAPPENINGS.get(step.event, step.event)
        line = f"{step.connection} {word} {step.text[:_FRAME]}".strip()
        out.print(f"  {'frames' if not place else '':<9} {'✗ ' * step.offending}{markup(line)}", soft_wrap=True)
    for place, line in enumerate(last_lines(found["last_words"])):
        out.print(f"  {'printed' if not place else '':<9} {markup(line)}", soft_wrap=True)
    out.print(f"  [dim]more[/]      {markup(found['explain'])}", soft_wrap=True)
    out.print(f"  [dim]repeat[/]    {markup(found['repeat'])}", soft_wrap=True)


def _around(steps: Sequence[DiagramStep]) -> Sequence[DiagramStep]:
    """Return the wrong one and what came just before and after it; the last ones if none is marked."""
    wrong = next((place for place, step in enumerate(steps) if step.offending), len(steps) - 1)
    return steps[max(0, wrong - _BEFORE) : wrong + _AFTER + 1]


def _print_changes(out: Terminal, changes: Changes) -> None:
    out.print(f"\n[bold]Against the run of {changes.since}[/]: {markup(changes.headline)}", soft_wrap=True)
    for one in changes.chats:
        style = "bold red" if one.is_worse else "green"
        words = f"{one.clients} at {one.server}: {one.before or 'new'} -> {one.now or 'gone'}"
        out.print(f"  [{style}]{markup(words)}[/] {markup(one.why)}", soft_wrap=True)
