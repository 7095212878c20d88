"""``result.json`` of Classroom 50 (https://github.com/foundation50/classroom50, schemas/result-v1.schema.json)."""

import json
import os
from datetime import datetime, timezone
from math import floor
from typing import Any

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import part_text

_CONTEXT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "assignment_type": "MODE",
    "owner": "USERNAME",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}
"""Which variable of its runner says what."""


def require(scheme: Scheme) -> None:
    """Make sure that its runner has started us, and that points are whole numbers, as it has them.

    Raises:
        CommandError: if not.
    """
    missing = [name for name in _CONTEXT.values() if not os.environ.get(name)]
    if missing:
        raise CommandError(f"--report classroom50: its runner sets {', '.join(missing)}, and nobody has")
    for part in scheme.parts:
        if part.points != floor(part.points):
            raise CommandError(
                f"--report classroom50: it has whole points only, and part {part.name!r} gives {part.points:g}"
            )


def render(grade: Grade, scheme: Scheme) -> str | None:
    """Return the text of the file: a test for each part, its points rounded down to whole ones."""
    if grade.needs_a_look:
        return None
    report = for_author(grade.graded.report, scheme) if grade.graded.report else None
    tests: list[dict[str, Any]] = [
        {
            "test-name": score.part.name,
            "passed": not score.missed,
            "score": floor(score.points),
            "max-score": floor(score.part.points),
            "output": part_text(score, report, scheme),
        }
        for score in grade.scores
    ]
    context = {name: os.environ[variable] for name, variable in _CONTEXT.items()}
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    value = {
        "schema": "classroom50/result/v1",
        **context,
        "review": os.environ.get("REVIEW_URL") or context["commit"],
        "datetime": now,
        "graded_at": now,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
