"""What an autograder of Autolab prints (https://docs.autolabproject.com/lab/): feedback, and JSON on the last lines."""

import json

from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import part_text, points, preface

_STAGE = "Requirements"


def render(grade: Grade, scheme: Scheme) -> str | None:
    """Return the text for standard output; the problems of the lab must be called as the parts of the scheme are."""
    if grade.needs_a_look:
        return None
    report = for_author(grade.graded.report, scheme) if grade.graded.report else None
    blocks = [preface(grade)]
    for score in grade.scores:
        title = f"== {score.part.name}: {points(score.points)} of {points(score.part.points)} =="
        blocks.append(f"{title}\n{part_text(score, report, scheme)}".rstrip())
    results = {
        score.part.name: {"passed": not score.missed} | ({"hint": _hint(score.missed)} if score.missed else {})
        for score in grade.scores
    }
    shown = {"_presentation": "semantic", "stages": [_STAGE], _STAGE: results}
    scores = {"scores": {score.part.name: score.points for score in grade.scores}}
    return "\n\n".join(blocks) + f"\n\n{json.dumps(shown)}\n{json.dumps(scores)}\n"


def _hint(missed: tuple[str, ...]) -> str:
    return f"{len(missed)} of its requirements did not pass"
