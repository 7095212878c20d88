"""The grades of a class as data: CSV for a spreadsheet, JSON for programs."""

import csv
import io
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade

VERSION = 1
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(grades: Sequence[Grade], scheme: Scheme) -> str:
    """Return a line for each submission: points, outcome, the points of each part, the verdict on each requirement."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    ids = scheme.running.ids
    head = ["submission", "points", "most", "outcome", "reason", "seed", *(part.name for part in scheme.parts), *ids]
    writer.writerow(map(_harmless, head))
    for grade in grades:
        graded = grade.graded
        row = [graded.name, "" if grade.needs_a_look else grade.points, grade.most, graded.outcome.value]
        row += [" ".join(graded.reason.split()), graded.seed, *(score.points for score in grade.scores)]
        row += [found["verdict"] if (found := grade.row(id_)) else "" for id_ in ids]
        writer.writerow(map(_harmless, row))
    return out.getvalue()


def render_json(grades: Sequence[Grade], scheme: Scheme) -> str:
    """Return the same as JSON, and what each submission met; reports are in files of their own."""
    value = {
        "chatproof": "grades",
        "version": VERSION,
        "tool": {"name": "chatproof", "version": version("chatproof")},
        "title": scheme.title,
        "points": scheme.points,
        "parts": [{"name": part.name, "points": part.points, "requirements": part.ids} for part in scheme.parts],
        "submissions": [_submission(grade, scheme) for grade in grades],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _submission(grade: Grade, scheme: Scheme) -> dict[str, Any]:
    graded = grade.graded
    verdicts = {id_: found["verdict"] if (found := grade.row(id_)) else None for id_ in scheme.running.ids}
    return {
        "name": graded.name,
        "file": graded.slug,
        "outcome": graded.outcome.value,
        "reason": graded.reason,
        "points": None if grade.needs_a_look else grade.points,
        "parts": [score.points for score in grade.scores],
        "requirements": verdicts,
        "notes": list(graded.notes),
        "confined_by": list(graded.means),
        "seed": graded.seed,
        "seconds": graded.seconds,
    }


def _harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: names are given by those who are graded."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
