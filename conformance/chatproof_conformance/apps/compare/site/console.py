"""The implementations of a folder of reports on a terminal: a row each."""

from rich.table import Table

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.compare.site.collection import Collection, Implementation
from chatproof_conformance.apps.compare.site.parts import counts, level, version
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.wording import plural

_STYLES = {CONFORMS: "green", BROKEN: "bold red"}


def print_collection(collection: Collection, site: str | None, pages: int | None) -> None:
    """Print the tables, and where the pages are."""
    out = Terminal(wraps_anywhere=False)
    for role in Role:
        if found := collection.of(role):
            out.print(f"\n[bold]{role.value.capitalize()}s[/]")
            out.print(_table(found))
    if collection.left_out:
        out.print(
            f"\n{plural(collection.left_out, 'report')} of recordings left out: they are of no one implementation"
        )
    if site is not None and pages is not None:
        out.print(f"\n{plural(pages, 'page')} written to {markup(site)}; the first is index.html", soft_wrap=True)
    else:
        out.print("\n--site FOLDER writes the pages", soft_wrap=True)


def _table(found: list[Implementation]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for head in ("name", "version", "requirements", "level", "reports"):
        table.add_column(head, overflow="fold")
    for one in found:
        report = one.newest.report
        style = _STYLES.get(report["exit_code"], "magenta")
        words = markup(counts(report))
        table.add_row(
            markup(one.name), markup(version(one.newest)), f"[{style}]{words}[/]", level(report), str(len(one.history))
        )
    return table
