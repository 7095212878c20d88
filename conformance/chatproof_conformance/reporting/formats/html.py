"""A report as a page: what was found, what is broken and how, and every requirement with its verdict."""

from collections.abc import Iterator
from typing import Any

from chatproof_conformance.reporting.formats.finding_text import ended_early
from chatproof_conformance.reporting.html.failures import failures
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import heading, outcome, page
from chatproof_conformance.reporting.html.situations import situations
from chatproof_conformance.reporting.shape import Report, RequirementJson
from chatproof_conformance.reporting.wording import (
    SECTIONS,
    SIGNS,
    TONES,
    counted_verdict,
    identity,
    level_sentence,
    plural,
)


def render(report: Report) -> str:
    """Return the text of the file."""
    tone, sign = outcome(report["exit_code"])
    if tone == "good" and report["totals"]["known"]:
        tone = "warn"
    main = tag("main", _baseline(report["baseline"]), failures(report), requirements_table(report), situations(report))
    title = f"{report['headline']} {report['checked']['name']}"
    return page(title, tone, _header(report, tone, sign), main, _footer(report))


def _header(report: Report, tone: str, sign: str) -> Markup:
    checked = report["checked"]
    early = ended_early(report)
    return tag(
        "header",
        tag("p", f"chatproof report of a {checked['role']}", class_="overline"),
        heading(tone, sign, report["headline"]),
        tag("dl", *_facts(report), class_="facts"),
        tag("div", tag("p", f"The run ended early: {early}"), class_="notice bad") if early else None,
        tag("ul", *_counts(report["totals"]), class_="counts"),
        _bar(report["totals"]),
        tag("p", _rests_on(report), class_="muted"),
        tag("p", f"To stop it: {asked}.", class_="muted") if (asked := report["stop_request"]) else None,
    )


def _facts(report: Report) -> Iterator[Markup]:
    selection = report["options"]["selection"]
    facts = {
        "implementation": _implementation(report),
        "checked": tag("code", report["checked"]["name"]),
        "when": tag("time", report["started"].replace("T", " "), datetime=report["started"]),
        "took": f"{report['seconds']:.1f} s",
        "seed": None if report["seed"] is None else str(report["seed"]),
        "only": " ".join(selection) if selection else None,
        "level": level_sentence(report["level"]) if report["level"] else None,
        "strictly": "a broken SHOULD fails too" if report["options"]["strict"] else None,
        "repeat": tag("code", report["repeat"]),
    }
    for name, value in facts.items():
        if value is not None:
            yield tag("div", tag("dt", name), tag("dd", value))


def _implementation(report: Report) -> Markup | None:
    name, address = identity(report), report["implementation"]["address"]
    if not (name or address):
        return None
    is_web = address is not None and address.startswith(("https://", "http://"))
    where = tag("a", address, href=address, rel="noreferrer") if is_web else (address or "")
    return join(name, " " if name and address else "", where)


def _counts(totals: dict[str, int]) -> Iterator[Markup]:
    for verdict, tone in TONES.items():
        if totals[verdict]:
            words = f" {counted_verdict(verdict, totals[verdict])}"
            yield tag("li", tag("b", str(totals[verdict])), words, class_=tone)
    if totals["known"]:
        yield tag("li", tag("b", str(totals["known"])), " of these known", class_="warn")


def _bar(totals: dict[str, int]) -> Markup:
    parts = [
        tag("span", class_=tone, style=f"flex:{totals[verdict]}") for verdict, tone in TONES.items() if totals[verdict]
    ]
    return tag("div", *parts, class_="bar", aria_hidden="true")


def _rests_on(report: Report) -> str:
    evidence = report["evidence"]
    cases = f" in {plural(report['cases'], 'case')}" if report["cases"] else ""
    return (
        f"{plural(report['totals']['requirements'], 'requirement')}. The verdict rests on "
        f"{plural(evidence['deliveries'], 'delivery')} seen, {plural(evidence['silences'], 'absence')} verified and "
        f"{plural(evidence['frames'], 'frame')} checked{cases}."
    )


def _baseline(baseline: dict[str, Any] | None) -> Markup | None:
    if baseline is None or not baseline["broken"]:
        return None
    lines = (
        tag(
            "p",
            tag("b", entry["requirement"] + (f" in {entry['case']}" if entry["case"] else "")),
            f": {entry['problem']}",
        )
        for entry in baseline["broken"]
    )
    head = tag("p", f"Entries of the baseline {baseline['file']} that do not hold:")
    return tag("div", head, lines, class_="notice bad")


def requirements_table(report: Report) -> Markup:
    """Return every requirement with its verdict, section by section, and a switch for what did not pass."""
    rows = report["requirements"]
    open_ = sum(not _is_quiet(row) for row in rows)
    sections = dict.fromkeys(row["section"] for row in rows)
    parts = (_section(name, [row for row in rows if row["section"] == name]) for name in sections)
    return join(tag("h2", "Every requirement"), _filter(len(rows), open_) if 0 < open_ < len(rows) else None, parts)


def _filter(count: int, open_: int) -> Markup:
    every = tag("label", tag("input", type="radio", name="show", id="show-all", checked=""), f" all {count}")
    some = tag("label", tag("input", type="radio", name="show", id="show-open"), f" the {open_} that did not pass")
    return tag("fieldset", tag("legend", "Show"), every, some, class_="filter")


def _section(name: str, rows: list[RequirementJson]) -> Markup:
    head = tag("h3", name, " ", tag("span", SECTIONS.get(name, "")), id=f"section-{name}")
    columns = (
        tag("th", word, scope="col", role="columnheader", class_=kind)
        for word, kind in (
            ("id", None), ("verdict", None), ("requirement", None), ("evidence", "number"), ("time", "number time"),
        )
    )  # fmt: skip
    table = tag(
        "table",
        tag("thead", tag("tr", columns, role="row"), role="rowgroup"),
        tag("tbody", map(_row, rows), role="rowgroup"),
        class_="rows",
        role="table",
        aria_labelledby=f"section-{name}",
    )
    return tag("div", head, table, class_="section" + " quiet" * all(map(_is_quiet, rows)))


def _row(row: RequirementJson) -> Markup:
    known = tag("span", "known", class_="pill warn") if row["known"] else None
    pill = tag("span", f"{SIGNS[row['verdict']]} {row['verdict']}", class_=f"pill {TONES[row['verdict']]}")
    if row["findings"]:
        pill = tag("a", pill, href=f"#failure-{row['id']}")
    return tag(
        "tr",
        tag("th", row["id"], tag("small", row["level"]), scope="row", role="rowheader"),
        tag("td", pill, " ", known, role="cell"),
        tag("td", *_said(row), role="cell", class_="sentence"),
        tag("td", _evidence(row["evidence"]), class_="number", role="cell"),
        tag("td", f"{row['seconds']:.2f} s", class_="number time", role="cell"),
        id=row["id"],
        class_="quiet" if _is_quiet(row) else None,
    )


def _said(row: RequirementJson) -> Iterator[Markup | None]:
    yield prose(row["sentence"])
    yield tag("div", row["reason"], class_="why") if row["reason"] else None
    cases = [
        tag("li", tag("code", case["name"]), f" {case['title']} ({case['seconds']:.2f} s)") for case in row["cases"]
    ]
    if cases:
        yield tag("details", tag("summary", plural(len(cases), "case")), tag("ul", *cases))


def _evidence(evidence: dict[str, int]) -> str:
    seen = (plural(evidence["deliveries"], "delivery"), plural(evidence["silences"], "absence"))
    return ", ".join(words for words in seen if not words.startswith("0 ")) or "none"


def _is_quiet(row: RequirementJson) -> bool:
    return row["verdict"] == "pass"


def _footer(report: Report) -> Markup:
    tool = report["tool"]
    text = f"Made by {tool['name']} {tool['version']}. The same data for programs: --report json=FILE."
    return tag("footer", tag("p", text))
