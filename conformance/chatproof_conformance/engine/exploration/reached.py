"""Which pairs of values of the space's dimensions the scripts of a run have reached."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

from chatproof_conformance.core.situations import Cell
from chatproof_conformance.engine.exploration.plan import FRESH, JOINED
from chatproof_conformance.space.script import Script

_ACT = "act"
_LINE_ENDS = {b"\n": "LF", b"\r\n": "CR LF", b" \t\n": "white space, LF"}


def cells_of(script: Script) -> Iterator[Cell]:
    """Yield the cells that a script reaches: each two of its dimensions, and each act with each of them."""
    values = {
        "segmentation": script.segmentation.value,
        "line end": _shown(script.line_end),
        "state": script.state.value,
        "end": script.end.value,
    }
    for one, other in combinations(values, 2):
        yield one, values[one], other, values[other]
    for act in script.acts:
        kind = ".".join(part for part in (act.type, act.member) if part) or "no message"
        for name, value in values.items():
            yield _ACT, kind, name, value


def planned_pairs() -> Iterator[Cell]:
    """Yield the cells of the dimensions that a run means to reach, but those of acts."""
    for dimensions in (JOINED, FRESH):
        yield from _pairs(dimensions)


def _pairs(dimensions: Mapping[str, Sequence[object]]) -> Iterator[Cell]:
    for one, other in combinations(dimensions, 2):
        for left, right in product(dimensions[one], dimensions[other]):
            yield one, _shown(left), other, _shown(right)


def _shown(value: object) -> str:
    return _LINE_ENDS[value] if isinstance(value, bytes) else str(getattr(value, "value", value))
