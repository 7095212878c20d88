"""How many points a submission gets, part by part, by what its check has shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from chatproof_conformance.apps.grade.outcome import Graded, Outcome
from chatproof_conformance.apps.grade.scheme import Part, Scheme
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.reporting.shape import RequirementJson
from chatproof_schemas import Level, requirements

_DIGITS = 2
_ALMOST = 1e-9
"""By which a product of such numbers can be below what it should be."""


@dataclass(frozen=True, slots=True)
class PartScore:
    """The points of one part.

    Attributes:
        part: of the scheme.
        points: what it gives.
        passed: the ids that passed.
        missed: those that did not, or of which nothing is known.
        untested: those that nobody could test, which count for nothing.
    """

    part: Part
    points: float
    passed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """A submission with its points.

    Attributes:
        graded: what became of it.
        scores: of each part, in the order of the scheme.
        most: what a submission can get.
    """

    graded: Graded
    scores: tuple[PartScore, ...]
    most: float

    @property
    def points(self) -> float:
        """The points of all parts together."""
        return round(sum(score.points for score in self.scores), _DIGITS)

    @property
    def broken(self) -> int:
        """How many requirements were seen to be broken."""
        report = self.graded.report
        return sum(row["verdict"] in (Verdict.FAIL, Verdict.WARNING) for row in report["requirements"]) if report else 0

    @property
    def needs_a_look(self) -> bool:
        """Whether a person has to look before this is anybody's grade."""
        return self.graded.outcome is Outcome.UNKNOWN

    def row(self, id_: str) -> RequirementJson | None:
        """Return what the check says of a requirement; None if it says nothing."""
        report = self.graded.report
        return next((row for row in report["requirements"] if row["id"] == id_), None) if report else None


def score(graded: Graded, scheme: Scheme) -> Grade:
    """Return a submission's points by a scheme."""
    rows = {row["id"]: row for row in graded.report["requirements"]} if graded.report else {}
    return Grade(graded, tuple(_score(part, rows) for part in scheme.parts), scheme.points)


def _score(part: Part, rows: Mapping[str, RequirementJson]) -> PartScore:
    untested = tuple(id_ for id_ in part.ids if id_ in rows and rows[id_]["verdict"] == Verdict.NOT_TESTED)
    counting = [id_ for id_ in part.ids if id_ not in untested]
    passed = tuple(id_ for id_ in counting if id_ in rows and rows[id_]["verdict"] == Verdict.PASS)
    missed = tuple(id_ for id_ in counting if id_ not in passed)
    whole = sum(_weight(part, id_) for id_ in counting)
    share = sum(_weight(part, id_) for id_ in passed) / whole if whole else 0.0
    if missed and not part.partial:
        share = 0.0
    # Rounded down: nobody gets all of the points who has not passed all.
    points = floor(part.points * share * 10**_DIGITS + _ALMOST) / 10**_DIGITS
    return PartScore(part, points, passed, missed, untested)


def _weight(part: Part, id_: str) -> float:
    return 1.0 if requirements()[id_].level is Level.MUST else part.should
