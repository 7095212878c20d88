"""A comparison as a page, in the style of a report's."""

from collections.abc import Callable, Iterator, Sequence

from chatproof_conformance.apps.compare.matrix import Change, Matrix, Row, cell_text
from chatproof_conformance.reporting.html.failures import contrast, repeat_command
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import heading, outcome, page
from chatproof_conformance.reporting.shape import Report, RequirementJson
from chatproof_conformance.reporting.wording import TONES, counted_verdicts

_CHANGES = {Change.REGRESSION: "bad", Change.LOST: "unknown", Change.FIXED: "good"}


def render(matrix: Matrix, *, strict: bool) -> str:
    """Return the text of the file."""
    tone, sign = outcome(matrix.exit_code(strict=strict))
    header = tag(
        "header", tag("p", "chatproof compares reports", class_="overline"), heading(tone, sign, matrix.headline)
    )
    names = list(matrix.reports)
    reports = tag("div", *(_report(name, report) for name, report in matrix.reports.items()), class_="cards")
    tables = [
        (matrix_table(heading, names, rows, _why_link), _details(names, [row for row in rows if row.differs]))
        for heading, rows in matrix.split_rows().items()
    ]
    return page(matrix.headline, tone, header, tag("main", tag("h2", "The reports"), reports, tables))


def _report(name: str, report: Report) -> Markup:
    facts = {
        "checked": tag("code", report["checked"]["name"]),
        "verdict": report["headline"],
        "counts": ", ".join(counted_verdicts(report["totals"])),
        "when": report["started"].replace("T", " "),
        "chatproof": report["tool"]["version"],
    }
    described = (join(tag("dt", word), tag("dd", value)) for word, value in facts.items())
    return tag("section", tag("h3", name), tag("dl", described, class_="plain"), class_="card")


def matrix_table(heading: str, names: Sequence[str], rows: Sequence[Row], link: Callable[[Row], str | None]) -> Markup:
    """Return rows under their heading; ``link`` says where the id of each leads, None: nowhere."""
    name = heading.lower().replace(" ", "-")
    heads = (tag("th", column, scope="col") for column in names)
    head = tag("tr", tag("th", "requirement", scope="col"), heads, tag("td", ""))
    table = tag(
        "table",
        tag("thead", head),
        tag("tbody", (_row(row, link(row)) for row in rows)),
        class_="matrix",
        aria_labelledby=name,
    )
    scroller = tag("div", table, class_="scroller flush", tabindex="0", role="region", aria_label=heading)
    return join(tag("h2", heading, id=name), scroller)


def _why_link(row: Row) -> str | None:
    return f"#why-{row.id}" if row.differs and any(map(_findings, row.cells)) else None


def _row(row: Row, link: str | None) -> Markup:
    mark = tag("span", row.change.value, class_=f"pill {_CHANGES[row.change]}") if row.change in _CHANGES else None
    label = tag("a", row.id, href=link) if link else row.id
    return tag(
        "tr",
        tag("th", label, " ", tag("small", row.level), tag("span", prose(row.sentence)), scope="row"),
        map(_cell, row.cells),
        tag("td", mark),
    )


def _cell(cell: RequirementJson | None) -> Markup:
    tone = TONES[cell["verdict"]] if cell else "none"
    return tag("td", cell_text(cell), class_=f"verdict-cell {tone}")


def _findings(cell: RequirementJson | None) -> bool:
    return bool(cell and cell["findings"])


def _details(names: Sequence[str], rows: Sequence[Row]) -> Markup | None:
    shown = [row for row in rows if any(map(_findings, row.cells))]
    if not shown:
        return None
    return join(
        tag("h2", "What came instead"),
        (tag("article", *_why(names, row), class_="card", id=f"why-{row.id}") for row in shown),
    )


def _why(names: Sequence[str], row: Row) -> Iterator[Markup]:
    yield tag("h3", row.id, " ", tag("span", prose(row.sentence)))
    for name, cell in zip(names, row.cells, strict=True):
        if cell and cell["findings"]:
            found = cell["findings"][0]
            yield tag("section", tag("p", tag("b", name)), contrast(found), repeat_command(found))
