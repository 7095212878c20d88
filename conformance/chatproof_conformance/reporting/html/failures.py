"""What is broken, for a page: each failure with what was expected and received, the diagram and the frames."""

from collections.abc import Iterator, Sequence
from typing import Any

from chatproof_conformance.reporting.formats.finding_text import mend_order
from chatproof_conformance.reporting.html.diagram import diagram
from chatproof_conformance.reporting.html.markup import Child, Markup, join, prose, tag
from chatproof_conformance.reporting.shape import FindingJson, Report, RequirementJson
from chatproof_conformance.reporting.traffic_steps import HAPPENINGS, LEFT_OUT, MARKERS, DiagramStep, steps_in
from chatproof_conformance.reporting.wording import explains, last_lines, likely, plural, seen_by

_ARROWS = {"client": "→ server", "server": "← server", "request": "← the user asks", "told": "→ the user is shown"}
_HEADINGS = {
    "fail": "What is broken",
    "warning": "What a SHOULD asks for and is not so",
    "known": "What is known to be broken",
}


def failures(report: Report) -> Markup:
    """Return the sections of failures, of warnings, and of what a baseline knows: those that there are."""
    groups: dict[str, list[RequirementJson]] = {name: [] for name in _HEADINGS}
    for row in mend_order(report):
        if row["findings"]:
            groups["known" if row["known"] else row["verdict"]].append(row)
    return join(*(_group(_HEADINGS[name], rows) for name, rows in groups.items() if rows))


def _group(heading: str, rows: list[RequirementJson]) -> Markup:
    return join(tag("h2", heading), *map(_requirement, rows))


def _requirement(row: RequirementJson) -> Markup:
    tone = "bad" if row["verdict"] == "fail" else "warn"
    head = tag(
        "h3",
        tag("a", row["id"], href=f"#{row['id']}"),
        tag("span", row["level"], class_=f"pill {tone}"),
        tag("span", prose(row["sentence"])),
    )
    drawn = [found for found in row["findings"] if found["traffic"]] or row["findings"][:1]
    others = [found["case"] for found in row["findings"] if all(found is not one for one in drawn)]
    first, *further = (_finding(found, f"{row['id']}-{number}", row) for number, found in enumerate(drawn, 1))
    folded = (
        tag("details", tag("summary", "Seen by ", tag("code", found["case"]), " too"), finding)
        for found, finding in zip(drawn[1:], further, strict=True)
    )
    more = (
        tag("p", "Seen in ", plural(len(others), "more case"), ": ", _listed(others), class_="muted")
        if others
        else None
    )
    return tag("article", head, first, folded, more, class_="card", id=f"failure-{row['id']}")


def _listed(names: list[str]) -> Markup:
    return join(*(join(", " if place else "", tag("code", name)) for place, name in enumerate(names)))


def contrast(found: FindingJson, *more: Child) -> Markup:
    """Return what was expected and what was received instead, then more descriptions."""
    expected = (tag("dt", "expected"), tag("dd", found["expected"]))
    actual = (tag("dt", "actual"), tag("dd", found["actual"], class_="wrong"))
    return tag("dl", expected, actual, *more, class_="contrast")


def repeat_command(found: FindingJson) -> Markup:
    """Return the command line that repeats a finding."""
    return tag("pre", found["repeat"], class_="command")


def _finding(found: FindingJson, name: str, row: RequirementJson) -> Markup:
    rate = f"{found['failures']} of {found['attempts']} attempts"
    facts = contrast(
        found,
        (tag("dt", "intermittent"), tag("dd", f"seen in {rate}")) if found["failures"] < found["attempts"] else None,
        (tag("dt", "explains"), tag("dd", explains(found["hides"], found["hidden"]))) if found["hides"] else None,
        (tag("dt", seen_by(found)), tag("dd", found["case"])) if found["case"] else None,
        (tag("dt", "likely cause" if found["cause"] else "more"), tag("dd", likely(found))),
        (tag("dt", "recording"), tag("dd", found["saved"])) if found["saved"] else None,
    )
    title = f"{row['id']} in {found['case']}"
    drawn = picture(found, name, title) if found["traffic"] else None
    again = (tag("p", "Repeat this alone:"), repeat_command(found))
    return tag("section", facts, _known(found["known"]), last_words(found), drawn, again)


def last_words(found: FindingJson) -> Markup | None:
    """Return what the server printed around a finding; None if that is nothing."""
    lines = last_lines(found["last_words"])
    if not lines:
        return None
    return join(
        tag("p", "The server printed:"), tag("pre", *(join(line, Markup("\n")) for line in lines), class_="command")
    )


def _known(known: dict[str, Any] | None) -> Markup | None:
    if known is None:
        return None
    link = (" ", tag("a", known["link"], href=known["link"], rel="noreferrer")) if known["link"] else ""
    return tag("div", tag("p", f"Known until {known['expires']}: {known['reason']}", link), class_="notice warn")


def picture(found: FindingJson, name: str, title: str) -> Markup:
    """Return a finding's traffic, as a diagram and as frames; ``name`` makes its ids unique in the page."""
    steps = steps_in(found["traffic"])
    words = f"{title}: who sent what to whom"
    drawn = tag(
        "div",
        diagram(steps, found["expected"], found["actual"], name=f"diagram-{name}", title=words),
        class_="scroller",
        tabindex="0",
        role="region",
        aria_label=f"Sequence diagram of {title}",
    )
    frames = tag("ul", *_lines(steps), class_="frames")
    return join(drawn, tag("details", tag("summary", f"The frames in full ({plural(len(steps), 'line')})"), frames))


def _lines(steps: Sequence[DiagramStep]) -> Iterator[Markup]:
    for step in steps:
        kind = "offending" if step.offending else None
        yield tag("li", tag("span", _who(step), class_="who"), f" {step.text}", class_=kind)


def _who(step: DiagramStep) -> str:
    event, count = step.event, step.count
    if event == MARKERS:
        return f"({plural(count, 'marker')} of the harness)"
    if event == LEFT_OUT:
        return f"({plural(count, 'more step')} left out)"
    if event == "announce":
        return "operator announces"
    clause = _ARROWS.get(event) or HAPPENINGS[event]
    return f"{step.connection} {clause}".strip()
