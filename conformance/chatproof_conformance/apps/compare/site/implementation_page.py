"""The page of an implementation: what it is, its reports over time, what changed, and what is broken in the newest."""

from collections.abc import Iterator

from chatproof_conformance.apps.compare.matrix import make_matrix
from chatproof_conformance.apps.compare.page import matrix_table
from chatproof_conformance.apps.compare.site.collection import Dated, Implementation
from chatproof_conformance.apps.compare.site.parts import (
    address,
    counts,
    day,
    level,
    row_pill,
    table,
    verdict_pill,
    version,
    way_back,
)
from chatproof_conformance.reporting.html.failures import failures
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import heading, outcome, page
from chatproof_schemas import requirements

_BROKEN = ("fail", "warning")
_MOST_COLUMNS = 12
"""Reports that are put side by side; the page lists all of them."""


def render(one: Implementation) -> str:
    """Return the text of the file."""
    newest = one.newest
    tone, sign = outcome(newest.report["exit_code"])
    header = tag(
        "header",
        way_back(tag("span", one.role.value)),
        heading(tone, sign, f"{one.name}: {newest.report['headline']}"),
        tag("dl", _facts(newest), class_="facts"),
    )
    main = tag(
        "main",
        tag("h2", "Reports"),
        table(
            "Reports",
            ["checked", "version", "verdict", "level", "requirements", "changed", "chatproof", "seed"],
            _history(one),
        ),
        _over_time(one),
        failures(newest.report),
        tag("h2", "Every requirement", id="requirements"),
        table("Every requirement", ["id", "verdict", "requirement"], list(_requirements(newest))),
    )
    footer = tag("footer", tag("p", f"From {newest.file}, made by chatproof {newest.report['tool']['version']}."))
    return page(f"{one.name}: {newest.report['headline']}", tone, header, main, footer)


def _facts(newest: Dated) -> Iterator[Markup]:
    report = newest.report
    facts = {
        "version": version(newest),
        "address": address(newest),
        "checked": tag("time", report["started"].replace("T", " "), datetime=report["started"]),
        "started by": tag("code", report["checked"]["name"]),
        "level": level(report) or None,
        "requirements": counts(report),
        "repeat": tag("code", report["repeat"]),
    }
    for name, value in facts.items():
        if value is not None:
            yield tag("div", tag("dt", name), tag("dd", value))


def _history(one: Implementation) -> list[Markup]:
    before = [None, *one.history[:-1]]
    return [_report(dated, last) for dated, last in zip(one.history, before, strict=True)][::-1]


def _report(dated: Dated, before: Dated | None) -> Markup:
    report = dated.report
    return tag(
        "tr",
        tag("th", day(dated), scope="row"),
        tag("td", version(dated)),
        tag("td", verdict_pill(report)),
        tag("td", level(report) or "-"),
        tag("td", counts(report), class_="sentence"),
        tag("td", _changed(dated, before), class_="sentence"),
        tag("td", report["tool"]["version"]),
        tag("td", "-" if report["seed"] is None else str(report["seed"])),
    )


def _changed(dated: Dated, before: Dated | None) -> Markup | str:
    """Return what is broken now and was not in the report before, and the other way round."""
    if before is None:
        return "the first report"
    now, then = (_broken(each) for each in (dated, before))
    new, mended = ", ".join(sorted(now - then)), ", ".join(sorted(_passing(dated) & then))
    parts = [tag("span", f"broken: {new}", class_="wrong")] if new else []
    parts += [tag("span", f"mended: {mended}")] if mended else []
    return join(*(join("; " if place else "", part) for place, part in enumerate(parts))) if parts else "nothing"


def _broken(dated: Dated) -> set[str]:
    return {id_ for id_, row in dated.rows.items() if row["verdict"] in _BROKEN}


def _passing(dated: Dated) -> set[str]:
    return {id_ for id_, row in dated.rows.items() if row["verdict"] == "pass"}


def _over_time(one: Implementation) -> Markup | None:
    """Return what differs between the last reports; None if there is one report, or nothing does."""
    last = one.history[-_MOST_COLUMNS:]
    matrix = make_matrix({f"{place}": dated.report for place, dated in enumerate(last)})
    rows = [row for row in matrix.rows if row.differs]
    if not rows:
        return None
    names = [f"{dated.started:%Y-%m-%d} {version(dated)}" for dated in last]
    return matrix_table("What has changed over time", names, rows, link=lambda row: f"{row.id}.html")


def _requirements(newest: Dated) -> Iterator[Markup]:
    for id_, row in newest.rows.items():
        label = tag("a", id_, href=f"{id_}.html") if id_ in requirements() else id_
        why = tag("div", row["reason"], class_="why") if row["reason"] else None
        yield tag(
            "tr",
            tag("th", label, tag("small", row["level"]), scope="row"),
            tag("td", row_pill(row)),
            tag("td", prose(row["sentence"]), why, class_="sentence"),
            id=id_,
        )
