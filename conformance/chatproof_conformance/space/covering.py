"""Covering arrays: few combinations of values in which each two values of different dimensions meet."""

import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TypeVar, cast

T = TypeVar("T", bound=Hashable)
Row = dict[str, T]
_Pair = frozenset[tuple[str, Hashable]]


def covering(dimensions: Mapping[str, Sequence[T]], seed: int) -> list[Row[T]]:
    """Return rows, each with a value for each dimension, so that each pair of values stands in one of them.

    Greedy: not the smallest array, but close to the product of the two largest dimensions.

    Args:
        dimensions: by name, the values; at least one each.
        seed: of chance, which takes one of those that are equally good.
    """
    chance = random.Random(seed)  # noqa: S311 -- repeatable chance, not secrets
    missing = _shuffled(_all_pairs(dimensions), chance)
    rows: list[Row[T]] = []
    while missing or not rows:
        start = cast("Row[T]", dict(next(iter(missing), ())))
        rows.append(_row(dimensions, missing, chance, start))
    return rows


def _all_pairs(dimensions: Mapping[str, Sequence[Hashable]]) -> Iterator[_Pair]:
    for one, other in combinations(dimensions, 2):
        yield from (
            frozenset(((one, left), (other, right))) for left, right in product(dimensions[one], dimensions[other])
        )


def _shuffled(pairs: Iterator[_Pair], chance: random.Random) -> dict[_Pair, None]:
    listed = list(pairs)
    chance.shuffle(listed)
    return dict.fromkeys(listed)


def _row(
    dimensions: Mapping[str, Sequence[T]], missing: dict[_Pair, None], chance: random.Random, row: Row[T]
) -> Row[T]:
    """Return a row that goes on from one with the values that add most; take out the pairs that it has."""
    names = list(dimensions)
    for name in chance.sample(names, len(names)):
        if name not in row:
            values = chance.sample(list(dimensions[name]), len(dimensions[name]))
            row[name] = max(values, key=lambda value: _gain((name, value), row, missing)) if missing else values[0]
    for pair in combinations(row.items(), 2):
        missing.pop(frozenset(pair), None)
    return {name: row[name] for name in names}


def _gain(one: tuple[str, Hashable], row: Mapping[str, Hashable], missing: Mapping[_Pair, None]) -> int:
    return sum(frozenset((one, other)) in missing for other in row.items())
