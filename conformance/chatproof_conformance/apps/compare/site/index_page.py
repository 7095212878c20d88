"""The first page of a site: a row for each implementation, and each requirement with how many keep it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chatproof_conformance.apps.compare.site.collection import Collection, Implementation
from chatproof_conformance.apps.compare.site.parts import (
    address,
    counts,
    day,
    level,
    link_to,
    table,
    verdict_pill,
    version,
)
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import page
from chatproof_conformance.reporting.wording import SECTIONS, plural
from chatproof_schemas import Requirement, requirements

_HEADS = ["implementation", "verdict", "version", "level", "requirements", "checked", "chatproof", "seed", "reports"]


def render(collection: Collection, title: str) -> str:
    """Return the text of the file."""
    servers, clients = (collection.of(role) for role in Role)
    header = tag(
        "header",
        tag("p", "Implementations of the TCP chat protocol", class_="overline"),
        tag("h1", title),
        tag("p", f"{plural(len(servers), 'server')}, {plural(len(clients), 'client')}; {_reports(collection)}."),
    )
    main = tag(
        "main",
        _implementations("Servers", servers),
        _implementations("Clients", clients),
        _matrices(collection),
        tag("h2", "Requirements"),
        tag("p", "A page each: who keeps it, and what came instead.", class_="muted"),
        _sections(collection),
    )
    return page(
        title, "good", header, main, tag("footer", tag("p", "Made by chatproof compare from a folder of reports."))
    )


def _reports(collection: Collection) -> str:
    count = sum(len(one.history) for one in collection.implementations)
    left_out = f", {plural(collection.left_out, 'report')} of recordings left out" if collection.left_out else ""
    return f"{plural(count, 'report')}{left_out}"


def _implementations(heading: str, found: Sequence[Implementation]) -> Markup | None:
    if not found:
        return None
    ordered = sorted(found, key=lambda one: (one.newest.report["exit_code"], -one.newest.report["totals"]["pass"]))
    return join(tag("h2", heading), table(heading, _HEADS, list(map(_row, ordered))))


def _row(one: Implementation) -> Markup:
    newest = one.newest
    report = newest.report
    where = address(newest)
    return tag(
        "tr",
        tag("th", link_to(one), tag("small", where) if where else None, scope="row"),
        tag("td", verdict_pill(report)),
        tag("td", version(newest)),
        tag("td", level(report) or "-"),
        tag("td", counts(report), class_="sentence"),
        tag("td", day(newest)),
        tag("td", report["tool"]["version"]),
        tag("td", "-" if report["seed"] is None else str(report["seed"])),
        tag("td", str(len(one.history)), class_="number"),
    )


def _matrices(collection: Collection) -> Markup | None:
    if not collection.matrices:
        return None
    lines = (
        tag("li", tag("a", found["started"].replace("T", " "), href=name), f": {found['headline']}")
        for name, found in collection.matrices.items()
    )
    return join(tag("h2", "What works with what"), tag("ul", lines))


def _sections(collection: Collection) -> Iterator[Markup]:
    rows = [row for row in requirements().values() if _seen(row, collection)]
    for section in dict.fromkeys(row.section for row in rows):
        mine = [row for row in rows if row.section == section]
        items = (tag("li", tag("a", row.id, href=f"{row.id}.html"), " ", *_kept(row, collection)) for row in mine)
        yield tag("h3", section, " ", tag("span", SECTIONS.get(section, ""), class_="muted"))
        yield tag("ul", items, class_="requirements")


def _seen(row: Requirement, collection: Collection) -> bool:
    return any(row.id in one.newest.rows for one in collection.implementations)


def _kept(row: Requirement, collection: Collection) -> Iterator[Markup | str]:
    verdicts = Counter(
        one.newest.rows[row.id]["verdict"] for one in collection.implementations if row.id in one.newest.rows
    )
    broken = verdicts["fail"] + verdicts["warning"]
    tone = "good" if not broken else ("bad" if verdicts["fail"] else "warn")
    yield tag("span", f"{verdicts['pass']} of {verdicts.total()} keep it", class_=f"pill {tone}")
    yield join(" ", prose(row.sentence))
