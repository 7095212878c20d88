"""Each pair of values occurs, in few rows, and the same ones for a seed."""

from itertools import combinations, product

import pytest

from chatproof_conformance.space.covering import covering

DIMENSIONS = {
    "segmentation": [f"s{number}" for number in range(16)],
    "state": [f"t{number}" for number in range(7)],
    "others": list("abcd"),
    "end": ["fin", "rst"],
}


def met(rows):
    return {pair for row in rows for pair in combinations(row.items(), 2)}


def wanted(dimensions):
    pairs = combinations(dimensions, 2)
    return {((a, x), (b, y)) for a, b in pairs for x, y in product(dimensions[a], dimensions[b])}


@pytest.mark.parametrize("seed", range(5))
def test_each_pair_of_values_occurs_in_nearly_as_few_rows_as_can_be(seed):
    rows = covering(DIMENSIONS, seed)
    assert met(rows) == wanted(DIMENSIONS)
    assert 16 * 7 <= len(rows) <= 16 * 7 * 1.2
    assert rows == covering(DIMENSIONS, seed)
    assert rows != covering(DIMENSIONS, seed + 1)


def test_one_dimension_and_one_value_are_covered_too():
    assert covering({"a": [1]}, 0) == [{"a": 1}]
    assert {row["a"] for row in covering({"a": [1], "b": [2, 3]}, 0)} == {1}
