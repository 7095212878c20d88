"""A comparison as Markdown: one table, what differs first."""

from chatproof_conformance.apps.compare.matrix import Matrix, Row, cell_text
from chatproof_conformance.reporting.formats.md import code


def render(matrix: Matrix) -> str:
    """Return the text of the file."""
    head = f"| Requirement | {' | '.join(map(code, matrix.reports))} | |"
    rule = f"|---|{'---|' * len(matrix.reports)}---|"
    lines = ["## Reports compared", "", code(matrix.headline), "", head, rule, *map(_line, matrix.rows), ""]
    return "\n".join(lines)


def _line(row: Row) -> str:
    id_ = f"**{code(row.id)}**" if row.differs else code(row.id)
    return f"| {id_} | {' | '.join(map(cell_text, row.cells))} | {row.change.value} |"
