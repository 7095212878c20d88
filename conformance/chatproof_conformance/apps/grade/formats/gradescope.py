"""``results.json`` of Gradescope (https://gradescope-autograders.readthedocs.io/en/latest/specs/)."""

import json

from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import part_text, preface


def render(grade: Grade, scheme: Scheme) -> str | None:
    """Return the text of the file: a test for each part."""
    if grade.needs_a_look:
        return None
    report = for_author(grade.graded.report, scheme) if grade.graded.report else None
    tests = [
        {
            "name": score.part.name,
            "number": str(number),
            "score": score.points,
            "max_score": score.part.points,
            "status": "failed" if score.missed else "passed",
            "output": part_text(score, report, scheme),
            "output_format": "text",
            "visibility": "visible",
        }
        for number, score in enumerate(grade.scores, 1)
    ]
    value = {
        "score": grade.points,
        "execution_time": round(grade.graded.seconds),
        "output": preface(grade),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"seed": grade.graded.seed, "outcome": grade.graded.outcome.value},
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
