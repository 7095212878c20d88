"""A comparison as a page, in the style of a report's."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.apps.compare.matrix import Change, Column, Matrix, Row
from chatproof_conformance.apps.compare.wording import cell_text, headline
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import page
from chatproof_conformance.reporting.shape import RequirementJson
from chatproof_conformance.reporting.wording import TONES, counted_verdict

_OUTCOMES = {CONFORMS: ("good", "✓"), BROKEN: ("bad", "✗")}
_CHANGES = {Change.REGRESSION: "bad", Change.LOST: "unknown", Change.FIXED: "good"}


def render(matrix: Matrix, *, strict: bool) -> str:
    """Return the text of the file."""
    tone, sign = _OUTCOMES.get(matrix.exit_code(strict=strict), ("unknown", "?"))
    says = headline(matrix)
    verdict = tag(
        "h1", tag("span", sign, class_="sign", aria_hidden="true"), tag("span", says), class_=f"verdict {tone}"
    )
    header = tag("header", tag("p", "chatproof compares reports", class_="overline"), verdict)
    differing = [row for row in matrix.rows if row.differs]
    same = [row for row in matrix.rows if not row.differs]
    main = tag(
        "main",
        tag("h2", "The reports"),
        _reports(matrix.columns),
        _table("What differs", matrix.columns, differing),
        _details(matrix.columns, differing),
        _table("What is the same in all", matrix.columns, same),
    )
    return page(says, tone, header, main)


def _reports(columns: Sequence[Column]) -> Markup:
    return tag("div", *map(_report, columns), class_="cards")


def _report(column: Column) -> Markup:
    report = column.report
    totals = report["totals"]
    counts = ", ".join(
        f"{totals[verdict]} {counted_verdict(verdict, totals[verdict])}" for verdict in TONES if totals[verdict]
    )
    facts = {
        "checked": tag("code", report["checked"]["name"]),
        "verdict": report["headline"],
        "counts": counts,
        "when": report["started"].replace("T", " "),
        "chatproof": report["tool"]["version"],
    }
    told = (join(tag("dt", name), tag("dd", value)) for name, value in facts.items())
    return tag("section", tag("h3", column.name), tag("dl", told, class_="plain"), class_="card")


def _table(heading: str, columns: Sequence[Column], rows: Sequence[Row]) -> Markup | None:
    if not rows:
        return None
    name = heading.lower().replace(" ", "-")
    heads = (tag("th", column.name, scope="col") for column in columns)
    head = tag("tr", tag("th", "requirement", scope="col"), heads, tag("td", ""))
    table = tag("table", tag("thead", head), tag("tbody", map(_row, rows)), class_="matrix", aria_labelledby=name)
    scroller = tag("div", table, class_="scroller flush", tabindex="0", role="region", aria_label=heading)
    return join(tag("h2", heading, id=name), scroller)


def _row(row: Row) -> Markup:
    mark = tag("span", row.change.value, class_=f"pill {_CHANGES[row.change]}") if row.change in _CHANGES else None
    label = tag("a", row.id, href=f"#why-{row.id}") if row.differs and any(map(_findings, row.cells)) else row.id
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


def _details(columns: Sequence[Column], rows: Sequence[Row]) -> Markup | None:
    shown = [row for row in rows if any(map(_findings, row.cells))]
    if not shown:
        return None
    return join(
        tag("h2", "What came instead"),
        (tag("article", *_why(columns, row), class_="card", id=f"why-{row.id}") for row in shown),
    )


def _why(columns: Sequence[Column], row: Row) -> Iterator[Markup]:
    yield tag("h3", row.id, " ", tag("span", prose(row.sentence)))
    for column, cell in zip(columns, row.cells, strict=True):
        if cell and cell["findings"]:
            found = cell["findings"][0]
            yield tag(
                "section",
                tag("p", tag("b", column.name)),
                tag(
                    "dl",
                    (tag("dt", "expected"), tag("dd", found["expected"])),
                    (tag("dt", "actual"), tag("dd", found["actual"], class_="wrong")),
                    class_="contrast",
                ),
                tag("pre", found["repeat"], class_="command"),
            )
