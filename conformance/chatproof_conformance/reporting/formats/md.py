"""A report as Markdown: the summary of a job, with what did not pass and diagrams that GitHub draws.

Texts of a peer stand between backticks or in a fenced block only, so that nothing in them is Markdown or HTML.
"""

import html
import re
from collections.abc import Iterator

from chatproof_common.printable import printable, shortened
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, Verdict
from chatproof_conformance.reporting.export.mermaid import diagram_of
from chatproof_conformance.reporting.formats.finding_text import ended_early, finding_text, mend_order
from chatproof_conformance.reporting.shape import FindingJson, Report, RequirementJson
from chatproof_conformance.reporting.traffic_steps import steps_in
from chatproof_conformance.reporting.wording import SIGNS, counted_verdicts, identity, level_sentence, plural

_MOST_DRAWN = 12
"""GitHub shows a summary of at most a megabyte."""
_LONGEST = 300
_SIGNS = {CONFORMS: "✅", BROKEN: "❌"}


def render(report: Report) -> str:
    """Return the text of the file."""
    return "\n".join([*_head(report), *_baseline(report), *_table(report), *_failures(report), ""])


def code(text: str) -> str:
    """Return a text as a code span that also fits a table's cell: one line, nothing in it has a meaning."""
    line = shortened(printable(text), _LONGEST) or " "
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    fence, pad = "`" * (longest + 1), " " * (line[0] in "` " or line[-1] in "` ")
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", "\\|")


def _head(report: Report) -> Iterator[str]:
    yield f"## {_SIGNS.get(report['exit_code'], '❔')} {report['headline']}"
    yield ""
    yield f"Checked: {code(report['checked']['name'])}; again: {code(report['repeat'])}"
    yield ""
    yield from _made(report)
    totals = report["totals"]
    parts = [*counted_verdicts(totals), *([f"{totals['known']} of these known"] if totals["known"] else [])]
    evidence = report["evidence"]
    rests = f"{plural(evidence['deliveries'], 'delivery')} seen, {plural(evidence['silences'], 'absence')} verified"
    yield f"**{', '.join(parts)}** of {plural(totals['requirements'], 'requirement')}; {rests}"
    yield ""
    if report["level"]:
        yield f"Level {level_sentence(report['level'])}"
        yield ""
    early = ended_early(report)
    if early:
        yield f"The run ended early: {code(early)}"
        yield ""


def _made(report: Report) -> Iterator[str]:
    known, tool = report["implementation"], report["tool"]
    name = identity(report)
    words = [code(name)] if name else []
    words += [code(known["address"])] if known["address"] else []
    words += [report["started"], f"{tool['name']} {tool['version']}"]
    words += [] if report["seed"] is None else [f"seed {report['seed']}"]
    yield ", ".join(words)
    yield ""


def _baseline(report: Report) -> Iterator[str]:
    for entry in report["baseline"]["broken"] if report["baseline"] else ():
        where = f" in {code(entry['case'])}" if entry["case"] else ""
        yield f"- **Baseline**, {entry['requirement']}{where}: {code(entry['problem'])}"
    yield ""


def _table(report: Report) -> Iterator[str]:
    rows = [row for row in report["requirements"] if row["verdict"] != Verdict.PASS]
    if not rows:
        return
    yield "| Verdict | Id | Level | Requirement | What came, or why |"
    yield "|---|---|---|---|---|"
    for row in rows:
        known = " (known)" if row["known"] else ""
        why = code(row["findings"][0]["actual"] if row["findings"] else row["reason"])
        verdict = f"{SIGNS[row['verdict']]} {row['verdict']}{known}"
        sentence = row["sentence"].replace("|", "\\|")
        yield f"| {verdict} | **{row['id']}** | {row['level']} | {sentence} | {why} |"
    yield ""


def _failures(report: Report) -> Iterator[str]:
    broken = [(row, row["findings"][0]) for row in mend_order(report) if row["findings"]]
    for row, found in broken[:_MOST_DRAWN]:
        yield from _failure(row, found)
    if len(broken) > _MOST_DRAWN:
        yield f"{len(broken) - _MOST_DRAWN} more are broken; `--report html=FILE` shows all of them."


def _failure(row: RequirementJson, found: FindingJson) -> Iterator[str]:
    yield f"<details><summary><b>{row['id']}</b> in {html.escape(printable(found['case']))}</summary>"
    yield ""
    yield from _block("text", "\n".join(map(printable, finding_text(found).splitlines())))
    if found["traffic"]:
        title = f"{row['id']} ({row['level']})"
        yield from _block(
            "mermaid", diagram_of(title, steps_in(found["traffic"]), found["expected"], found["actual"]).rstrip()
        )
    yield "</details>"
    yield ""


def _block(language: str, text: str) -> Iterator[str]:
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", text, fence, "")
