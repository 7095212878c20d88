"""The situations that a run reached, as a terminal shows them."""

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.core.situations import Situations


def print_situations(out: Terminal, situations: Situations) -> None:
    """Print, for each pair of dimensions, how many pairs of their values were reached, and which were not."""
    out.print("\n[bold]Situations[/]")
    for (one, other), cells in situations.tables().items():
        missing = [f"{value}, {beside}" for value, beside, count in cells if not count]
        out.print(f"  {markup(f'{one} x {other}')}: {len(cells) - len(missing)} of {len(cells)} reached")
        for values in missing:
            out.print(f"      [dim]not reached:[/] {markup(values)}")
