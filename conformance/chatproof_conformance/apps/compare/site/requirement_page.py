"""The page of a requirement: what it asks for, who keeps it, and what came instead."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.apps.compare.site.collection import Collection, Implementation
from chatproof_conformance.apps.compare.site.parts import day, link_to, row_pill, table, version, way_back
from chatproof_conformance.reporting.html.failures import contrast, repeat_command
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import page
from chatproof_conformance.reporting.wording import SECTIONS
from chatproof_schemas import Requirement

_ORDER = ("fail", "warning", "blocked", "inconclusive", "not tested", "pass")


def render(row: Requirement, collection: Collection, before: str | None, after: str | None) -> str:
    """Return the text of the file; ``before`` and ``after`` are the ids of its neighbours that have a page."""
    found = [one for one in collection.implementations if row.id in one.newest.rows]
    found.sort(key=lambda one: _ORDER.index(one.newest.rows[row.id]["verdict"]))
    neighbours = (tag("a", id_, href=f"{id_}.html") for id_ in (before, after) if id_)
    header = tag(
        "header",
        way_back(*neighbours),
        tag("h1", row.id, " ", tag("span", row.level.value, class_="pill none")),
        tag("p", prose(row.sentence), class_="lead"),
        tag(
            "p",
            f"Section {row.section}: {SECTIONS.get(row.section, '')}. ",
            tag("code", f"chatproof explain {row.id}"),
            class_="muted",
        ),
    )
    rows = [_row(one, row) for one in found]
    main = tag(
        "main",
        tag("h2", "Who keeps it"),
        table("Who keeps it", ["implementation", "verdict", "version", "why", "checked"], rows),
        _instead(found, row),
    )
    tone = "bad" if any(one.newest.rows[row.id]["verdict"] == "fail" for one in found) else "good"
    return page(f"{row.id}: who keeps it", tone, header, main)


def _row(one: Implementation, row: Requirement) -> Markup:
    mine = one.newest.rows[row.id]
    why = tag("a", "what came", href=f"#{one.page.removesuffix('.html')}") if mine["findings"] else mine["reason"]
    return tag(
        "tr",
        tag("th", link_to(one), scope="row"),
        tag("td", row_pill(mine)),
        tag("td", version(one.newest)),
        tag("td", why, class_="sentence"),
        tag("td", day(one.newest)),
    )


def _instead(found: Sequence[Implementation], row: Requirement) -> Markup | None:
    articles = list(_articles(found, row))
    return join(tag("h2", "What came instead"), articles) if articles else None


def _articles(found: Sequence[Implementation], row: Requirement) -> Iterator[Markup]:
    for one in found:
        if findings := one.newest.rows[row.id]["findings"]:
            place = f"{one.page}#failure-{row.id}"
            yield tag(
                "article",
                tag("h3", link_to(one), tag("a", "diagram and frames", href=place)),
                contrast(findings[0]),
                repeat_command(findings[0]),
                class_="card",
                id=one.page.removesuffix(".html"),
            )
