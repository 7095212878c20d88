"""Prints how the trials went: the matrix of faults and requirements, false alarms, totals."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.selftest.implementations import Implementation
from chatproof_conformance.apps.selftest.summary import Totals
from chatproof_conformance.apps.selftest.trials import Trial, listed
from chatproof_schemas import Level, requirements, sections


def print_matrix(terminal: Terminal, trials: Sequence[Trial]) -> None:
    """Print each faulty implementation under the section that it breaks first, with the ids found."""
    faulty = [trial for trial in trials if trial.implementation.faulty]
    for section in sections():
        rows = [trial for trial in faulty if _section_of(trial.implementation) == section]
        if rows:
            terminal.print(f"\n[bold]{section}[/]")
            terminal.print(_table(rows))


def print_conforming(terminal: Terminal, trials: Sequence[Trial]) -> None:
    """Print each conforming server and client, with the warnings that it earned and every false alarm."""
    for of in ("server", "client", "cluster"):
        rows = [trial for trial in trials if not trial.implementation.faulty and trial.implementation.of == of]
        if rows:
            terminal.print(f"\n[bold]Conforming {of}s[/]")
            terminal.print(_conforming_table(of, rows))


def _conforming_table(of: str, rows: Sequence[Trial]) -> Table:
    table = _plain_table(of, "language", "warnings it earned", "s")
    for trial in rows:
        name = f"{_sign(trial)} {markup(trial.implementation.name)}"
        table.add_row(name, trial.implementation.language, listed(trial.right) or "none", _seconds(trial.seconds))
    return table


def print_problems(terminal: Terminal, trials: Iterable[Trial]) -> None:
    """Print what the harness did wrong, each with the implementation that shows it."""
    for trial in trials:
        for problem in trial.problems:
            one = trial.implementation
            what = "faulty" if one.faulty else "conforming"
            terminal.print(f"\n[bold red]WRONG[/] {markup(one.name)} ({what}): {markup(one.note)}")
            if one.faulty:
                terminal.print(f"  breaks   {listed(one.breaks)}")
            terminal.print(f"  verdict  {markup(problem)}")
        if trial.saved:
            terminal.print(f"  saved    {markup(str(trial.saved))}", soft_wrap=True)


def print_not_run(terminal: Terminal, not_run: Iterable[Implementation]) -> None:
    """Print what could not be tried here, each with the reason."""
    for implementation in not_run:
        terminal.print(f"[yellow]not run[/] {markup(implementation.name)}: needs {', '.join(implementation.missing)}")


def print_totals(terminal: Terminal, totals: Totals) -> None:
    """Print the counts, and last whether the harness can be trusted."""
    found, foreign = (_share(count, totals.faulty) for count in (totals.found, totals.foreign))
    terminal.print(f"\n{found} of {totals.faulty} faulty servers and clients found under a right id", soft_wrap=True)
    terminal.print(f"{foreign} reported under an id that they do not break, too", soft_wrap=True)
    if totals.named:
        hinted = _share(totals.hinted, totals.named)
        terminal.print(f"the likely cause is right in {hinted} of {totals.named} whose cause is known", soft_wrap=True)
    for what, spread in (("a check", totals.checked), ("the first finding", totals.first)):
        times = f"{spread.median:.1f} s at the median, {spread.most:.1f} s for 95 %"
        terminal.print(f"{what} takes {times}", soft_wrap=True)
    false = f"{totals.false_failures} false alarms and {totals.false_warnings} wrong warnings"
    terminal.print(f"{false} on {totals.conforming} conforming ones", soft_wrap=True)
    for what, ids in totals.unproven.items():
        terminal.print(f"[yellow]{what}[/]: {', '.join(ids)}", soft_wrap=True)
    wrong = f"The harness was wrong on {totals.problems} of them."
    words = wrong if totals.problems else "The harness finds what it must, and only that."
    style = "bold red" if totals.problems else "bold green"
    terminal.print(f"[{style}]{words}[/] [dim]seed {totals.seed}, {totals.seconds:.0f} s[/]", soft_wrap=True)


def _share(found: int, of: int) -> str:
    return f"{found} ({found / of:.0%})" if of else "0"


def _table(rows: Sequence[Trial]) -> Table:
    table = _plain_table("fault", "found under", "other ids found", "likely cause", "first", "s")
    for trial in rows:
        subtle = " [dim](subtle)[/]" if trial.implementation.subtle else ""
        name = f"{_sign(trial)} {markup(trial.implementation.name)}{subtle}"
        missed = trial.implementation.breaks - trial.right
        right = listed(trial.right) + (f" [dim]not {listed(missed)}[/]" if missed else "")
        others = f"[dim]{_short(trial.others)}[/]"
        table.add_row(name, right.strip(), others, _likely(trial), _seconds(trial.first), _seconds(trial.seconds))
    return table


def _likely(trial: Trial) -> str:
    """Return the likely cause, and another that the catalogue names."""
    named = trial.implementation.cause
    return trial.likely if named in ("", trial.likely) else f"{trial.likely} [dim]not {named}[/]".lstrip()


def _plain_table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    name, *others = columns
    table.add_column(name, no_wrap=True)
    for column in others:
        table.add_column(column, justify="right" if column in ("first", "s") else "left", overflow="fold")
    return table


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _sign(trial: Trial) -> str:
    return "[bold red]✗[/]" if trial.problems else "[green]✓[/]"


def _short(ids: frozenset[str]) -> str:
    """Return a list of ids; of many, the sections that they belong to and how many of each."""
    if len(ids) <= 4:  # noqa: PLR2004  what fits a line
        return listed(ids)
    counts = {section: sum(id_.startswith(f"{section}-") for id_ in ids) for section in sections()}
    return ", ".join(f"{count} {section}" for section, count in counts.items() if count)


def _section_of(implementation: Implementation) -> str:
    rows = requirements()
    first = min(implementation.breaks, key=lambda id_: (rows[id_].level is not Level.MUST, list(rows).index(id_)))
    return rows[first].section
