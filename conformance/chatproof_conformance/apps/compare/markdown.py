"""A comparison as Markdown: one table, what differs first."""

from collections.abc import Iterator

from chatproof_conformance.apps.compare.matrix import Matrix, Row
from chatproof_conformance.apps.compare.wording import cell_text, headline
from chatproof_conformance.reporting.formats.md import code


def render(matrix: Matrix) -> str:
    """Return the text of the file."""
    return "\n".join([*_head(matrix), *_rows(matrix), ""])


def _head(matrix: Matrix) -> Iterator[str]:
    yield "## Reports compared"
    yield ""
    yield code(headline(matrix))
    yield ""


def _rows(matrix: Matrix) -> Iterator[str]:
    yield f"| Requirement | {' | '.join(code(column.name) for column in matrix.columns)} | |"
    yield f"|---|{'---|' * len(matrix.columns)}---|"
    yield from map(_line, matrix.rows)


def _line(row: Row) -> str:
    id_ = f"**{code(row.id)}**" if row.differs else code(row.id)
    return f"| {id_} | {' | '.join(map(cell_text, row.cells))} | {row.change.value} |"
