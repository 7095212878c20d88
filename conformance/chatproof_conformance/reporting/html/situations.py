"""The situations that a run reached, for a page: a table for each pair of dimensions."""

from typing import Any

from chatproof_conformance.reporting.html.markup import Markup, join, tag
from chatproof_conformance.reporting.shape import Report


def situations(report: Report) -> Markup | None:
    """Return the tables, each folded below how much of it was reached; None if there is none."""
    tables = [_table(one) for one in report["situations"]]
    return join(tag("h2", "Situations reached"), *tables) if tables else None


def _table(table: dict[str, Any]) -> Markup:
    one, other = table["dimensions"]
    counts = {tuple(cell["values"]): cell["reached"] for cell in table["cells"]}
    columns = list(dict.fromkeys(value for _, value in counts))
    rows = dict.fromkeys(value for value, _ in counts)
    head = tag("tr", tag("th", one, scope="col"), *(tag("th", column, scope="col") for column in columns))
    body = [
        tag("tr", tag("th", row, scope="row"), *(_cell(counts.get((row, column))) for column in columns))
        for row in rows
    ]
    reached = sum(count > 0 for count in counts.values())
    summary = tag("summary", f"{one} x {other}: {reached} of {len(counts)} reached")
    return tag("details", summary, tag("div", tag("table", head, *body, class_="situations"), class_="scroller"))


def _cell(count: int | None) -> Markup:
    """Return a cell: how often it was reached; empty if it was not planned."""
    if count is None:
        return tag("td")
    return tag("td", f"{count:,}", class_="number" if count else "number wrong")
