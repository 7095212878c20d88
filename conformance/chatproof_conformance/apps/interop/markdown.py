"""The matrix as Markdown: a comment on a pull request, or the summary of a job.

Texts of others stand between backticks or in a fenced block only, so that nothing in them is Markdown or HTML.
"""

import html
import re
from collections.abc import Iterator

from chatproof_common.printable import printable
from chatproof_conformance.apps.interop.changes import Change, Changes
from chatproof_conformance.apps.interop.outcome import Status
from chatproof_conformance.apps.interop.shape import ChatJson, InteropReport
from chatproof_conformance.apps.interop.wording import (
    Blame,
    blames,
    cell_words,
    grouped_reasons,
    rows_of,
    status_of,
)
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.export.mermaid import diagram_of
from chatproof_conformance.reporting.formats.finding_text import finding_text
from chatproof_conformance.reporting.formats.md import code
from chatproof_conformance.reporting.traffic_steps import steps_in

COMMENT_MARK = "<!-- chatproof interop -->"
"""Stands in each comment of ours, so that the next run finds it and replaces it."""
_MOST_CHARACTERS = 60_000
"""A comment has at most 65,536."""
_SIGNS = {CONFORMS: "✅", BROKEN: "❌"}
_MARKS = {
    Status.WORKS: "🟢",
    Status.PARTLY: "🔵",
    Status.WARNING: "🟡",
    Status.BROKEN: "🔴",
    Status.UNSUPPORTED: "🟣",
    Status.UNKNOWN: "⚪",
    Status.GONE: "⚫",
}


def render(report: InteropReport, changes: Changes | None) -> str:
    """Return the text of the file."""
    every = blames(report)
    lines = [COMMENT_MARK, f"## {_SIGNS.get(report['exit_code'], '❔')} chatproof interop: {report['headline']}", ""]
    lines += _changes(changes) if changes else ()
    lines += [*_matrix(report), *_legend(report), *_reasons(report), *_table(every)]
    lines += _drawn(every, _MOST_CHARACTERS - sum(len(line) + 1 for line in lines))
    tool = report["tool"]
    lines += ["", f"Made by {tool['name']} {tool['version']}, {report['started']}; again: {code(report['repeat'])}", ""]
    return "\n".join(lines)


def _matrix(report: InteropReport) -> Iterator[str]:
    yield f"| client \\ server | {' | '.join(code(server['label']) for server in report['servers'])} |"
    yield f"|---|{'---|' * len(report['servers'])}"
    for name, cells in rows_of(report).items():
        yield f"| {code(name)} | {' | '.join(map(_cell, cells))} |"
    yield ""


def _cell(chat: ChatJson | None) -> str:
    head, *rest = cell_words(chat)
    mark = _MARKS[status_of(chat)] if chat else ""
    word = head.split(" ", 1)[-1]
    return " ".join([mark, word, *(f"<br>{code(one)}" for one in rest)]).strip()


def _legend(report: InteropReport) -> Iterator[str]:
    used = {status_of(chat) for chat in report["chats"]}
    yield " · ".join(f"{_MARKS[status]} {status.value}" for status in Status if status in used)
    yield ""


def _changes(changes: Changes) -> Iterator[str]:
    yield f"**Against the run of {code(changes.since)}**: {changes.headline}"
    yield ""
    if changes.chats:
        yield "| | client | server | before | now | |"
        yield "|---|---|---|---|---|---|"
        yield from map(_change, changes.chats)
        yield ""


def _change(one: Change) -> str:
    sign = "❌" if one.is_worse else ("🆕" if not one.before else "")
    return (
        f"| {sign} | {code(one.clients)} | {code(one.server)} | {one.before or 'none'} | {one.now or 'none'} | "
        f"{code(one.why) if one.why else ''} |"
    )


def _reasons(report: InteropReport) -> Iterator[str]:
    for reason, where in grouped_reasons(report).items():
        yield f"- {code(reason)} (in {code(where)})"
    yield ""


def _table(every: list[Blame]) -> Iterator[str]:
    if every:
        yield "| Who | breaks | | with | what came |"
        yield "|---|---|---|---|---|"
        for blame in every:
            one = blame.breach
            yield (
                f"| {one['role']} {code(one['label'])} | **{one['requirement']}** | {one['level']} | "
                f"{code(blame.where)} | {code(one['finding']['actual'])} |"
            )
        yield ""


def _drawn(every: list[Blame], room: int) -> Iterator[str]:
    """Yield the details of as many as there is room for."""
    for place, blame in enumerate(every):
        lines = list(_details(blame))
        room -= sum(len(line) + 1 for line in lines)
        if room < 0:
            yield f"{len(every) - place} more are broken; `--report html=FILE` shows all of them."
            return
        yield from lines


def _details(blame: Blame) -> Iterator[str]:
    one, found = blame.breach, blame.breach["finding"]
    who = html.escape(printable(f"{one['role']} {one['label']}"))
    yield f"<details><summary>{who} breaks <b>{one['requirement']}</b></summary>"
    yield ""
    yield one["sentence"].replace("|", "\\|")
    yield ""
    yield from _block("text", "\n".join(map(printable, finding_text(found).splitlines())))
    if found["traffic"]:
        steps = steps_in(found["traffic"])
        picture = diagram_of(f"{one['requirement']} ({one['level']})", steps, found["expected"], found["actual"])
        yield from _block("mermaid", picture.rstrip())
    yield "</details>"
    yield ""


def _block(language: str, text: str) -> Iterator[str]:
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", text, fence, "")
