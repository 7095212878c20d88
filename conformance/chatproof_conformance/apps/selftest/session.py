"""A whole selftest: servers and clients are found and tried, and the result is printed and written."""

import contextlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chatproof_common.command_line.files import STANDARD, NamedFile, require_separate, writing
from chatproof_common.command_line.values import CommandError
from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.selftest import matrix
from chatproof_conformance.apps.selftest.document import as_document
from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.apps.selftest.summary import add_up
from chatproof_conformance.apps.selftest.trials import Trial, Trials, listed
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_schemas import Built


def run_selftest(names: Sequence[str], trials: Trials, of: Built | None = None, *, json_file: str | None) -> int:
    """Try servers and clients (all, if no names and no kind are given) and print how it went; return the exit code.

    Raises:
        CommandError: if there is nothing to try, or the JSON file cannot be written: before anything is tried.
    """
    implementations = find_implementations(names, of)
    able = [one for one in implementations if not one.missing]
    not_run = [one for one in implementations if one.missing]
    if not able:
        raise CommandError(f"none of them can be run here: {', '.join(one.name for one in not_run)}")
    if json_file is not None:
        require_separate((), (NamedFile(f"--json {json_file}", json_file),))
    terminal = Terminal(stderr=json_file == STANDARD, wraps_anywhere=False)
    start = time.monotonic()
    with _progress(terminal, len(able)) as ended:
        tried = trials.run(able, ended)
    totals = add_up(tried, whole=not names and of is None, seed=trials.seed, seconds=time.monotonic() - start)
    if json_file is not None:
        _write(json.dumps(as_document(tried, not_run, totals), indent=1), json_file)
    matrix.print_matrix(terminal, tried)
    matrix.print_conforming(terminal, tried)
    matrix.print_not_run(terminal, not_run)
    matrix.print_problems(terminal, tried)
    matrix.print_totals(terminal, totals)
    return BROKEN if totals.problems or totals.unproven else CONFORMS


def list_implementations(names: Sequence[str], of: Built | None = None) -> int:
    """Print each server and client with what it does; return the exit code.

    Raises:
        CommandError: if there is none.
    """
    terminal = Terminal()
    for one in find_implementations(names, of):
        breaks = f"breaks {listed(one.breaks)}" if one.faulty else f"conforming, in {one.language}"
        terminal.print(f"[bold]{markup(one.name)}[/]  [dim]{one.of}, {breaks}[/]\n    {markup(one.note)}")
    return CONFORMS


@contextlib.contextmanager
def _progress(terminal: Terminal, total: int) -> Iterator[Callable[[Trial], None]]:
    """Give a function to be called after each trial: it moves a bar on a terminal, or prints a line elsewhere."""
    columns = (TextColumn("  {task.description:<40}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn())
    count = itertools.count(1)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_interactive) as bar:
        task = bar.add_task("", total=total)

        def ended(trial: Trial) -> None:
            name, number = markup(trial.implementation.name), next(count)
            bar.update(task, advance=1, description=name)
            if trial.problems:
                terminal.print(f"[red]✗[/] {name}: {markup(trial.problems[0])}", soft_wrap=True)
            elif not terminal.is_interactive:
                terminal.print(f"✓ {name} ({number} of {total}, {trial.seconds:.1f} s)", soft_wrap=True)

        yield ended


def _write(text: str, json_file: str) -> None:
    if json_file == STANDARD:
        sys.stdout.write(text + "\n")
        return
    with writing(f"--json {json_file}"):
        Path(json_file).write_text(text + "\n", "utf-8")
