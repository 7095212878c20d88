"""A submission's page, which can be sent to its author: the points, what is broken, and how to see it again."""

from collections.abc import Iterator

from chatproof_conformance.apps.grade.hiding import for_author, named
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade, PartScore
from chatproof_conformance.apps.grade.wording import TONES, headline, points, summary
from chatproof_conformance.core.text import listed
from chatproof_conformance.reporting.formats.html import requirements_table
from chatproof_conformance.reporting.html.failures import failures
from chatproof_conformance.reporting.html.markup import Markup, join, tag
from chatproof_conformance.reporting.html.shell import heading, page
from chatproof_conformance.reporting.shape import Report
from chatproof_conformance.reporting.wording import level_sentence

_MOST_NAMED = 12


def render(grade: Grade, scheme: Scheme) -> str:
    """Return the text of the file."""
    graded = grade.graded
    report = for_author(graded.report, scheme) if graded.report else None
    tone, sign = _tone(grade)
    body = [_parts(grade, scheme)]
    body += [failures(report), requirements_table(report)] if report else []
    title = f"{graded.name}: {headline(grade)}"
    return page(
        title,
        tone,
        _header(grade, report, scheme.title, heading(tone, sign, headline(grade))),
        tag("main", *body),
        _footer(grade),
    )


def _tone(grade: Grade) -> tuple[str, str]:
    if grade.graded.outcome is not Outcome.CHECKED:
        return TONES[grade.graded.outcome], "?" if grade.needs_a_look else "✗"
    return ("good", "✓") if grade.points >= grade.most else ("warn", "!")


def _header(grade: Grade, report: Report | None, title: str, verdict: Markup) -> Markup:
    graded = grade.graded
    level = report["level"] if report else None
    facts = {
        "submission": tag("code", graded.name),
        "when": tag("time", report["started"].replace("T", " ")) if report else None,
        "level": level_sentence(level) if level else None,
        "seed": str(graded.seed),
    }
    told = "good" if graded.outcome is Outcome.CHECKED and not grade.broken else TONES[graded.outcome]
    notice = tag(
        "div",
        tag("p", summary(grade)),
        *(tag("p", note) for note in graded.notes),
        tag("pre", graded.printed, class_="command") if graded.printed else None,
        class_=f"notice {'warn' if grade.broken and told == 'good' else told}",
    )
    return tag(
        "header",
        tag("p", title, class_="overline"),
        verdict,
        tag("dl", *_facts(facts), class_="facts"),
        notice,
    )


def _facts(facts: dict[str, Markup | str | None]) -> Iterator[Markup]:
    for name, value in facts.items():
        if value is not None:
            yield tag("div", tag("dt", name), tag("dd", value))


def _parts(grade: Grade, scheme: Scheme) -> Markup:
    head = tag("tr", *(tag("th", word, scope="col") for word in ("part", "points", "what is missing")))
    rows = [_part(score, scheme, known=grade.graded.report is not None) for score in grade.scores]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="points")
    return join(tag("h2", "Points"), tag("div", table, class_="scroller flush"))


def _part(score: PartScore, scheme: Scheme, *, known: bool) -> Markup:
    missing = [named(id_, scheme) for id_ in score.missed] if known else []
    whole = not score.missed
    texts = [listed(missing, _MOST_NAMED)] if missing else [] if known else ["nothing was checked"]
    if missing and not score.part.partial:
        texts.append("all of them are needed for any points here")
    if score.untested:
        texts.append(f"not tested: {listed([named(id_, scheme) for id_ in score.untested], _MOST_NAMED)}")
    tone = "good" if whole else "warn" if score.points else "bad"
    pill = tag("span", f"{points(score.points)} of {points(score.part.points)}", class_=f"pill {tone}")
    return tag("tr", tag("th", score.part.name, scope="row"), tag("td", pill), tag("td", "; ".join(texts)))


def _footer(grade: Grade) -> Markup:
    kept = "; ".join(grade.graded.means)
    text = f"Graded by chatproof in {grade.graded.seconds:.1f} s" + (f", confined by: {kept}." if kept else ".")
    return tag("footer", tag("p", text))
