"""How pages, tables and formats say what became of a submission."""

from chatproof_common.printable import readable
from chatproof_conformance.apps.grade.hiding import named
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade, PartScore
from chatproof_conformance.core.text import listed
from chatproof_conformance.reporting.formats.finding_text import finding_text
from chatproof_conformance.reporting.shape import Report
from chatproof_conformance.reporting.wording import plural

TONES = {
    Outcome.CHECKED: "good",
    Outcome.DIED: "bad",
    Outcome.SLOW: "warn",
    Outcome.NO_BUILD: "bad",
    Outcome.NO_START: "bad",
    Outcome.ELSEWHERE: "bad",
    Outcome.TOO_LARGE: "bad",
    Outcome.UNKNOWN: "unknown",
}
"""By outcome, its colour in pages: a class of style.css."""


def points(number: float) -> str:
    """Return a number of points: ``7``, ``7.5``, ``7.25``."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def headline(grade: Grade) -> str:
    """Return a grade as a sentence."""
    if grade.needs_a_look:
        return "It could not be graded."
    return f"{points(grade.points)} of {points(grade.most)} points."


def summary(grade: Grade) -> str:
    """Return what became of a submission as a sentence."""
    graded = grade.graded
    if graded.outcome is Outcome.CHECKED:
        return f"{plural(grade.broken, 'requirement')} broken." if grade.broken else "No requirement was seen broken."
    reason = f": {readable(graded.reason)}" if graded.reason else ""
    return f"The server {graded.outcome.value}{reason}." if _is_of_server(graded.outcome) else (
        f"The submission {graded.outcome.value}{reason}."
    )  # fmt: skip


def part_text(score: PartScore, report: Report | None, scheme: Scheme) -> str:
    """Return what an author should know of a part: what did not pass, and how; hidden requirements by neutral names.

    ``report``: as its author may see it.
    """
    if report is None:
        return ""
    lines = []
    rows = {row["id"]: row for row in report["requirements"]}
    if score.passed:
        lines.append(f"passed: {listed([named(id_, scheme) for id_ in score.passed])}")
    if score.untested:
        lines.append(
            f"could not be tested, and counts for nothing: {listed([named(i, scheme) for i in score.untested])}"
        )
    for id_ in (named(one, scheme) for one in score.missed):
        row = rows.get(id_)
        verdict = row["verdict"] if row else "not known"
        lines.append(f"\n{id_} {verdict}" + (f": {row['reason']}" if row and row["reason"] else ""))
        if row:
            lines.append(row["sentence"])
            lines += [finding_text(found) for found in row["findings"][:1]]
    return "\n".join(lines)


def preface(grade: Grade) -> str:
    """Return what stands before the parts: what became of it, what its build printed, what limits it met."""
    graded = grade.graded
    lines = [summary(grade), *graded.notes]
    printed = [f"  {line}" for line in graded.printed.splitlines()]  # indented, none passes for a line of ours
    return readable("\n".join([*lines, "", "It printed:", *printed] if printed else lines))


def _is_of_server(outcome: Outcome) -> bool:
    return outcome in (Outcome.DIED, Outcome.NO_START, Outcome.ELSEWHERE)
