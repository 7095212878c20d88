"""A comparison on a terminal: one table, what differs first."""

from rich.table import Table

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.compare.matrix import Change, Matrix, Row, cell_text
from chatproof_conformance.core.verdicts import BROKEN, Verdict
from chatproof_conformance.reporting.finding_block import VERDICT_STYLES
from chatproof_conformance.reporting.shape import RequirementJson

_CHANGES = {Change.REGRESSION: "bold red", Change.LOST: "magenta", Change.FIXED: "green", Change.OTHER: ""}


def print_matrix(matrix: Matrix, *, strict: bool) -> None:
    """Print the table and the outcome."""
    out = Terminal(wraps_anywhere=False)
    for heading, rows in matrix.split_rows().items():
        out.print(f"\n[bold]{heading}[/]")
        out.print(_table(matrix, rows))
    style = "bold red" if matrix.exit_code(strict=strict) == BROKEN else "bold"
    out.print(f"\n[{style}]{markup(matrix.headline)}[/]", soft_wrap=True)


def _table(matrix: Matrix, rows: list[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    table.add_column("id", no_wrap=True)
    for name in matrix.reports:
        table.add_column(markup(name), overflow="fold")
    table.add_column("")
    for row in rows:
        change = row.change
        mark = f"[{_CHANGES[change]}]{change.value}[/]" if change is not Change.OTHER else ""
        table.add_row(f"{row.id} [dim]{row.level}[/]", *map(_cell, row.cells), mark)
    return table


def _cell(cell: RequirementJson | None) -> str:
    style = VERDICT_STYLES[Verdict(cell["verdict"])] if cell else "dim"
    return f"[{style}]{markup(cell_text(cell))}[/]"
