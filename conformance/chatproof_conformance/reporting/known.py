"""What a terminal says of a baseline: the failures that are known, and the entries that do not hold."""

from rich.console import Console as Terminal
from rich.markup import escape

from chatproof_conformance.reporting.summary import Summary


def tell_baseline(out: Terminal, summary: Summary) -> None:
    """Print a line for each entry that a failure met, and for each entry that fails the run."""
    applied = summary.baseline
    if applied is None:
        return
    met = dict.fromkeys(applied.known.values())
    for entry in met:
        link = f" ({entry.link})" if entry.link else ""
        out.print(f"\n[yellow]KNOWN {entry}[/] until {entry.expires}: {escape(entry.reason + link)}")
    for one in applied.unfounded:
        out.print(f"\n[bold red]BASELINE {escape(str(one.entry))}[/] {escape(one.problem)}")
        out.print(f"  in        {escape(applied.baseline.name)}")
