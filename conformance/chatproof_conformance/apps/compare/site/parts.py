"""What the pages of a site share: a verdict as a pill, how far an implementation is, links."""

from chatproof_conformance.apps.compare.site.collection import Dated, Implementation
from chatproof_conformance.reporting.html.markup import Markup, join, tag
from chatproof_conformance.reporting.html.shell import outcome
from chatproof_conformance.reporting.shape import Report, RequirementJson
from chatproof_conformance.reporting.wording import SIGNS, TONES, counted_verdicts, level_reached

_WORDS = {0: "conforms", 1: "does not conform"}


def verdict_pill(report: Report) -> Markup:
    """Return the verdict of a report."""
    tone, sign = outcome(report["exit_code"])
    return tag("span", f"{sign} {_WORDS.get(report['exit_code'], 'unknown')}", class_=f"pill {tone}")


def row_pill(row: RequirementJson | None) -> Markup:
    """Return the verdict on a requirement."""
    if row is None:
        return tag("span", "not in it", class_="pill none")
    known = " (known)" * row["known"]
    return tag("span", f"{SIGNS[row['verdict']]} {row['verdict']}{known}", class_=f"pill {TONES[row['verdict']]}")


def counts(report: Report) -> str:
    """Return how many requirements have each verdict."""
    return ", ".join(counted_verdicts(report["totals"]))


def level(report: Report) -> str:
    """Return the level that is reached; empty if the report does not say."""
    return level_reached(report.get("level"))


def day(dated: Dated) -> Markup:
    """Return the day of a report."""
    return tag("time", dated.started.strftime("%Y-%m-%d"), datetime=dated.report["started"])


def version(dated: Dated) -> str:
    """Return the version that was checked; a dash if it was not said."""
    return dated.report["implementation"]["version"] or "-"


def address(dated: Dated) -> Markup | None:
    """Return the address of the implementation as a link, if it is one of the web."""
    text = dated.report["implementation"]["address"]
    if not text:
        return None
    is_web = text.startswith(("https://", "http://"))
    return tag("a", text, href=text, rel="noreferrer") if is_web else tag("span", text)


def link_to(one: Implementation) -> Markup:
    """Return a link to the page of an implementation."""
    return tag("a", one.name, href=one.page)


def table(name: str, heads: list[str], rows: list[Markup]) -> Markup:
    """Return a table that scrolls by itself on a narrow screen."""
    head = tag("tr", (tag("th", word, scope="col") for word in heads))
    inner = tag("table", tag("thead", head), tag("tbody", rows), class_="list")
    return tag("div", inner, class_="scroller flush", tabindex="0", role="region", aria_label=name)


def way_back(*more: Markup) -> Markup:
    """Return the line above the heading of a page below the index."""
    return tag(
        "p", tag("a", "All implementations", href="index.html"), *(join(" · ", one) for one in more), class_="overline"
    )
