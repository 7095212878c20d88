"""``results.json`` of PrairieLearn's external graders (https://prairielearn.readthedocs.io/en/latest/externalGrading/)."""

import json
from typing import Any

from chatproof_common.printable import shortened
from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import part_text, preface, summary

_LONGEST = 20_000
"""Of a text: the whole file must not be larger than 1 MB."""
_NOT_GRADABLE = (Outcome.NO_BUILD, Outcome.TOO_LARGE, Outcome.UNKNOWN)
"""It takes no attempt from a student whose program does not compile, or when we are at fault."""


def render(grade: Grade, scheme: Scheme) -> str:
    """Return the text of the file: a test for each part."""
    if grade.graded.outcome in _NOT_GRADABLE:
        value: dict[str, Any] = {"gradable": False, "format_errors": [shortened(preface(grade), _LONGEST)]}
        return _text(value)
    report = for_author(grade.graded.report, scheme) if grade.graded.report else None
    tests = [
        {
            "name": score.part.name,
            "points": score.points,
            "max_points": score.part.points,
            "message": "All passed." if not score.missed else f"{len(score.missed)} did not pass.",
            "output": shortened(part_text(score, report, scheme), _LONGEST),
        }
        for score in grade.scores
    ]
    value = {
        "gradable": True,
        "score": grade.points / grade.most if grade.most else 0.0,
        "message": summary(grade),
        "output": shortened(preface(grade), _LONGEST),
        "tests": tests,
    }
    return _text(value)


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
