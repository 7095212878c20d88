"""Says how far the trials are: a bar on a terminal, a line for each trial elsewhere."""

import contextlib
import itertools
from collections.abc import Callable, Iterator

from rich.console import Console as Terminal
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chatproof_conformance.apps.selftest.trials import Trial


@contextlib.contextmanager
def progress_shown(terminal: Terminal, total: int) -> Iterator[Callable[[Trial], None]]:
    """Give a function that is to be told of each of so many trials when it has ended; it says at once what is wrong."""
    columns = (TextColumn("  {task.description:<40}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn())
    count = itertools.count(1)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def told(trial: Trial) -> None:
            name, number = escape(trial.implementation.name), next(count)
            bar.update(task, advance=1, description=name)
            if trial.problems:
                terminal.print(f"[red]✗[/] {name}: {escape(trial.problems[0])}", soft_wrap=True)
            elif not terminal.is_terminal:
                terminal.print(f"✓ {name} ({number} of {total}, {trial.seconds:.1f} s)", soft_wrap=True)

        yield told
