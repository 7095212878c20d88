"""The page of a class: who has how many points, and a matrix of requirements with a column for each submission."""

from collections.abc import Iterator, Sequence
from statistics import mean, median

from chatproof_common.printable import shortened
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import TONES, points
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import heading, page
from chatproof_conformance.reporting.wording import SECTIONS, SIGNS, plural
from chatproof_conformance.reporting.wording import TONES as VERDICT_TONES
from chatproof_schemas import requirements

_LONGEST_HEAD = 32
"""Of a name above a narrow column, where it stands upright."""


def render(grades: Sequence[Grade], scheme: Scheme) -> str:
    """Return the text of the file; its links lead to ``submissions/SLUG.html`` beside it."""
    unknown = sum(grade.needs_a_look for grade in grades)
    tone, sign = ("unknown", "?") if unknown else ("good", "✓")
    text = f"{plural(len(grades), 'submission')}" + (f", {unknown} could not be graded." if unknown else " graded.")
    header = tag(
        "header",
        tag("p", scheme.title, class_="overline"),
        heading(tone, sign, text),
        tag("dl", *_facts(grades, scheme), class_="facts"),
    )
    main = tag("main", _list(grades, scheme), _matrix(grades, scheme), class_="wide")
    footer = tag("footer", tag("p", "The same data for programs: grades.json and grades.csv beside this page."))
    return page(f"{scheme.title}: {text}", tone, header, main, footer)


def _facts(grades: Sequence[Grade], scheme: Scheme) -> Iterator[Markup]:
    earned = [grade.points for grade in grades if not grade.needs_a_look]
    facts = {"points": points(scheme.points)}
    if earned:
        facts |= {"mean": points(mean(earned)), "median": points(median(earned)), "best": points(max(earned))}
    facts["checked"] = plural(len(scheme.running.ids), "requirement")
    for name, value in facts.items():
        yield tag("div", tag("dt", name), tag("dd", value))


def _list(grades: Sequence[Grade], scheme: Scheme) -> Markup:
    head = tag(
        "tr",
        *(tag("th", word, scope="col") for word in ("submission", "points", "outcome")),
        *(tag("th", part.name, tag("small", f" of {points(part.points)}"), scope="col") for part in scheme.parts),
    )
    table = tag("table", tag("thead", head), tag("tbody", *map(_line, grades)), class_="points")
    return join(tag("h2", "Points", id="points"), _scroller(table, "Points"))


def _line(grade: Grade) -> Markup:
    graded = grade.graded
    outcome = tag("span", graded.outcome.value, class_=f"pill {TONES[graded.outcome]}")
    reason = tag("div", graded.reason, class_="why") if graded.reason else None
    total = "?" if grade.needs_a_look else points(grade.points)
    return tag(
        "tr",
        tag("th", tag("a", graded.name, href=_page_of(grade)), scope="row"),
        tag("td", tag("b", total), class_="number"),
        tag("td", outcome, reason, class_="outcome"),
        *(tag("td", points(score.points), class_="number") for score in grade.scores),
    )


def _matrix(grades: Sequence[Grade], scheme: Scheme) -> Markup:
    names = (
        tag("th", tag("a", shortened(grade.graded.name, _LONGEST_HEAD), href=_page_of(grade)), scope="col")
        for grade in grades
    )
    head = tag("tr", tag("th", "requirement", scope="col"), tag("th", "passed", scope="col", class_="number"), *names)
    sections = dict.fromkeys(requirements()[id_].section for id_ in scheme.running.ids)
    parts = [_section(name, grades, scheme) for name in sections]
    table = tag("table", tag("thead", head, class_="names"), *parts, class_="matrix signs", aria_labelledby="matrix")
    legend = tag(
        "p",
        *(tag("span", f"{SIGNS[verdict]} {verdict}", class_=f"pill {tone}") for verdict, tone in VERDICT_TONES.items()),
        class_="legend",
    )
    title = tag("h2", "Every requirement", id="matrix")
    return join(title, legend, _scroller(table, "Every requirement"))


def _section(name: str, grades: Sequence[Grade], scheme: Scheme) -> Markup:
    title = tag("th", f"{name} ", tag("small", SECTIONS.get(name, "")), scope="rowgroup", colspan=str(len(grades) + 2))
    rows = (_row(id_, grades, scheme) for id_ in scheme.running.ids if requirements()[id_].section == name)
    return tag("tbody", tag("tr", title, class_="group"), *rows)


def _row(id_: str, grades: Sequence[Grade], scheme: Scheme) -> Markup:
    row = requirements()[id_]
    verdicts = [found["verdict"] if (found := grade.row(id_)) else None for grade in grades]
    hidden = tag("small", " hidden") if id_ in scheme.hidden else None
    return tag(
        "tr",
        tag("th", id_, tag("small", row.level.value), hidden, tag("span", prose(row.sentence)), scope="row"),
        tag("td", str(verdicts.count(Verdict.PASS.value)), class_="number"),
        *(_cell(verdict, f"{grade.graded.name}, {id_}") for verdict, grade in zip(verdicts, grades, strict=True)),
    )


def _cell(verdict: str | None, place: str) -> Markup:
    if verdict is None:
        return tag("td", "", title=f"{place}: not checked")
    sign = tag("span", SIGNS[verdict], aria_label=verdict, role="img")
    return tag("td", sign, class_=f"verdict-cell {VERDICT_TONES[verdict]}", title=f"{place}: {verdict}")


def _scroller(table: Markup, name: str) -> Markup:
    return tag("div", table, class_="scroller flush", tabindex="0", role="region", aria_label=name)


def _page_of(grade: Grade) -> str:
    return f"submissions/{grade.graded.slug}.html"
