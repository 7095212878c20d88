"""JUnit XML for CodeGrade, Artemis, GitLab and Jenkins: the same tests whatever becomes of the submission."""

from collections.abc import Iterator
from datetime import datetime

from chatproof_common.formats.junit import Case, Failure, Suite, junit_document
from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import headline, points, preface, summary
from chatproof_conformance.reporting.formats.finding_text import finding_text
from chatproof_conformance.reporting.shape import RequirementJson

_GROUP = "chatproof"


def render(grade: Grade, scheme: Scheme) -> str:
    """Return the text of the file: a test for the start, and one for each requirement, called by its id alone."""
    graded = grade.graded
    facts = {"submission": graded.name, "points": points(grade.points), "most": points(grade.most)}
    facts |= {"headline": headline(grade), "seed": str(graded.seed)}
    started = datetime.fromisoformat(graded.report["started"]) if graded.report else None
    suite = Suite(scheme.title, tuple(_cases(grade, scheme)), started, graded.seconds, facts)
    return junit_document([suite], scheme.title)


def _cases(grade: Grade, scheme: Scheme) -> Iterator[Case]:
    graded = grade.graded
    failure = Failure(summary(grade), preface(grade), graded.outcome.value) if graded.report is None else None
    lost = grade.needs_a_look
    yield Case("starts", _GROUP, failure=None if lost else failure, error=failure if lost else None)
    if graded.report is not None:
        yield from map(_case, for_author(graded.report, scheme)["requirements"])
        return
    names = scheme.neutral_names()
    for id_ in scheme.running.ids:
        name = names.get(id_, id_)
        failure = Failure(f"not checked: {summary(grade)}", type=graded.outcome.value)
        yield Case(name, _group(name), failure=None if lost else failure, error=failure if lost else None)


def _case(row: RequirementJson) -> Case:
    first = row["findings"][0] if row["findings"] else None
    message = f"expected {first['expected']}; got {first['actual']}" if first else row["reason"] or row["verdict"]
    texts = [row["sentence"], *map(finding_text, row["findings"][:1])]
    failure = Failure(message, "\n\n".join(texts), row["level"])
    passed, skipped = row["verdict"] == "pass", row["verdict"] == "not tested"
    return Case(
        row["id"],
        _group(row["id"]),
        failure=None if passed or skipped else failure,
        skipped=message if skipped else None,
    )


def _group(id_: str) -> str:
    return f"{_GROUP}.{id_.partition('-')[0]}"
