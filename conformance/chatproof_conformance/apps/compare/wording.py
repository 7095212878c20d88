"""What a comparison says in every form."""

from chatproof_conformance.apps.compare.matrix import Change, Matrix
from chatproof_conformance.reporting.shape import RequirementJson
from chatproof_conformance.reporting.wording import SIGNS, plural

ABSENT = "not in it"


def headline(matrix: Matrix) -> str:
    """Return the outcome as a sentence."""
    first, last = matrix.columns[0].name, matrix.columns[-1].name
    differing = sum(row.differs for row in matrix.rows)
    if not differing:
        return f"{plural(len(matrix.columns), 'report')}, no difference in {plural(len(matrix.rows), 'requirement')}."
    counts = {change: len(matrix.changed(change)) for change in Change if change is not Change.OTHER}
    words = {
        Change.REGRESSION: plural(counts[Change.REGRESSION], "regression"),
        Change.LOST: f"{counts[Change.LOST]} {Change.LOST.value}",
        Change.FIXED: f"{counts[Change.FIXED]} {Change.FIXED.value}",
    }
    told = ", ".join(words[change] for change, count in counts.items() if count) or "no regression"
    return f"{plural(differing, 'requirement')} differ{'s' * (differing == 1)}. From {first} to {last}: {told}."


def cell_text(cell: RequirementJson | None) -> str:
    """Return what a report says of a requirement: a sign and a word."""
    if cell is None:
        return ABSENT
    return f"{SIGNS[cell['verdict']]} {cell['verdict']}" + " (known)" * cell["known"]
