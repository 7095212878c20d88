"""The matrix as a page: what works with what, who broke what with diagram and frames, what was seen in each chat."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.apps.interop.changes import Change, Changes, name_of
from chatproof_conformance.apps.interop.outcome import Status
from chatproof_conformance.apps.interop.shape import ChatJson, InteropReport, PartyJson
from chatproof_conformance.apps.interop.wording import (
    MEANINGS,
    SIGNS,
    TONES,
    Blame,
    blames,
    cell_words,
    grouped_reasons,
    rows_of,
    status_of,
)
from chatproof_conformance.reporting.html.failures import contrast, last_words, picture, repeat_command
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from chatproof_conformance.reporting.html.shell import heading, outcome, page


def render(report: InteropReport, changes: Changes | None) -> str:
    """Return the text of the file."""
    tone, sign = outcome(report["exit_code"])
    every = blames(report)
    main = tag(
        "main",
        _changes(changes) if changes else None,
        tag("h2", "What works with what", id="matrix"),
        _matrix(report),
        _legend(report),
        _blames(every),
        _others(report),
        tag("h2", "Who met"),
        tag("div", map(_party, [*report["servers"], *report["clients"]]), class_="cards"),
        tag("h2", "What was seen in each chat"),
        map(_chat, report["chats"]),
    )
    text = f"Made by {report['tool']['name']} {report['tool']['version']}. For programs: --report json=FILE."
    title = f"Interoperability: {report['headline']}"
    return page(title, tone, _header(report, tone, sign), main, tag("footer", tag("p", text)))


def anchor_of(chat: ChatJson) -> str:
    """Return what a page calls a chat."""
    return "chat-" + "".join(char if char.isalnum() else "-" for char in f"{name_of(chat)}-at-{chat['server']}")


def _header(report: InteropReport, tone: str, sign: str) -> Markup:
    facts = {
        "written in": tag("code", report["manifest"]),
        "when": tag("time", report["started"].replace("T", " "), datetime=report["started"]),
        "took": f"{report['seconds']:.1f} s",
        "seed": str(report["seed"]),
        "chatproof": report["tool"]["version"],
        "repeat": tag("code", report["repeat"]),
    }
    counts = (
        tag("li", tag("b", str(report["totals"][status.value])), f" {status.value}", class_=TONES[status])
        for status in reversed(Status)
        if report["totals"][status.value]
    )
    return tag(
        "header",
        tag("p", "chatproof interop: every client against every server", class_="overline"),
        heading(tone, sign, report["headline"]),
        tag("dl", (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts.items()), class_="facts"),
        tag("ul", counts, class_="counts"),
    )


def _matrix(report: InteropReport) -> Markup:
    heads = (tag("th", server["label"], scope="col") for server in report["servers"])
    head = tag("tr", tag("th", "client \\ server", scope="col"), heads)
    rows = (tag("tr", tag("th", name, scope="row"), map(_cell, cells)) for name, cells in rows_of(report).items())
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="matrix chats", aria_labelledby="matrix")
    return tag("div", table, class_="scroller flush", tabindex="0", role="region", aria_label="What works with what")


def _cell(chat: ChatJson | None) -> Markup:
    head, *rest = cell_words(chat)
    if chat is None:
        return tag("td", *rest, class_="verdict-cell none")
    words = [tag("small", word) for word in rest]
    if chat["breaches"]:
        one = chat["breaches"][0]
        target = Blame(one, [chat]).anchor
    else:
        target = anchor_of(chat)
    return tag("td", tag("a", head, href=f"#{target}"), words, class_=f"verdict-cell {TONES[status_of(chat)]}")


def _legend(report: InteropReport) -> Markup:
    used = {status_of(chat) for chat in report["chats"]}
    return tag(
        "ul",
        (
            tag("li", tag("span", f"{SIGNS[one]} {one.value}", class_=f"pill {TONES[one]}"), f" {MEANINGS[one]}")
            for one in reversed(Status)
            if one in used
        ),
        class_="legend",
    )


def _changes(changes: Changes) -> Markup:
    tone = "bad" if any(one.is_worse for one in changes.chats) else "good"
    lines = (tag("li", _change(one)) for one in changes.chats)
    return tag(
        "div",
        tag("p", tag("b", f"Against the run of {changes.since.replace('T', ' ')}: "), changes.headline),
        tag("ul", lines) if changes.chats else None,
        class_=f"notice {tone}",
    )


def _change(one: Change) -> str:
    words = f"{one.clients} at {one.server}: {one.before or 'not there'} → {one.now or 'not there'}"
    return f"{words} ({one.why})" if one.why else words


def _blames(every: Sequence[Blame]) -> Markup | None:
    return join(tag("h2", "Who broke what"), map(_blame, every)) if every else None


def _blame(blame: Blame) -> Markup:
    one, found = blame.breach, blame.breach["finding"]
    tone = "bad" if one["level"] == "MUST" else "warn"
    head = tag(
        "h3",
        tag("span", f"{one['role']} {one['label']}"),
        tag("span", one["requirement"], class_=f"pill {tone}"),
        tag("span", one["level"], class_="muted"),
        tag("span", prose(one["sentence"])),
    )
    facts = contrast(
        found,
        (tag("dt", "shows with"), tag("dd", blame.where)),
        (tag("dt", "more"), tag("dd", found["explain"])),
    )
    drawn = picture(found, blame.anchor, f"{one['requirement']} by {one['label']}") if found["traffic"] else None
    again = (tag("p", "Repeat this alone:"), repeat_command(found))
    return tag("article", head, facts, last_words(found), drawn, again, class_="card", id=blame.anchor)


def _others(report: InteropReport) -> Markup | None:
    lines = [
        tag("li", reason, tag("div", f"in {where}", class_="muted"))
        for reason, where in grouped_reasons(report).items()
    ]
    return join(tag("h2", "Why the rest is not green"), tag("ul", lines)) if lines else None


def _party(party: PartyJson) -> Markup:
    facts = {
        "version": party["version"],
        "language": party["language"],
        "started by": tag("code", party["command"]),
        "announces": party["announce"] or "",
        "declares": ", ".join(party["supports"]) if party["role"] == "client" else "",
    }
    described = (join(tag("dt", word), tag("dd", value)) for word, value in facts.items() if value)
    return tag(
        "section", tag("h3", party["name"], " ", tag("span", party["role"], class_="muted")), _link(party["address"]),
        tag("dl", described, class_="plain"), class_="card",
    )  # fmt: skip


def _link(address: str) -> Markup | None:
    if not address:
        return None
    is_web = address.startswith(("https://", "http://"))
    return tag("p", tag("a", address, href=address, rel="noreferrer") if is_web else address)


def _chat(chat: ChatJson) -> Markup:
    status = status_of(chat)
    guests = ", ".join(f"{one['connection']} is {one['client']} as {one['username']}" for one in chat["guests"])
    summary = tag(
        "summary",
        tag("span", f"{SIGNS[status]} {status.value}", class_=f"pill {TONES[status]}"),
        f" {name_of(chat)} at {chat['server']}, {chat['seconds']:.1f} s",
    )
    kept = tag("p", f"The server was seen to keep {', '.join(chat['kept'])}.", class_="muted") if chat["kept"] else None
    saved = tag("p", "Recording: ", tag("code", chat["saved"])) if chat["saved"] else None
    return tag("details", summary, tag("p", guests), tag("ul", _seen(chat)), kept, saved, id=anchor_of(chat))


def _seen(chat: ChatJson) -> Iterator[Markup]:
    for part in chat["seen"]:
        lacking = f"; not seen: {part['lacking']}" if part["lacking"] else ""
        yield tag("li", f"{part['meaning']}: {part['seen']} of {part['wanted']}{lacking}")
