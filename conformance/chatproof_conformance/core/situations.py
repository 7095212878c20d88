"""Which situations a run reached: pairs of values of two dimensions of input, planned and met."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

Cell = tuple[str, str, str, str]
"""A dimension and its value, then another with its own: ``("event", "blank line", "state", "joined")``."""


class Situations:
    """A table of cells and how often each was reached.

    Attributes:
        planned: the cells that the run meant to reach, in order.
        reached: how often each cell was reached, planned or not.
    """

    def __init__(self, planned: Iterable[Cell] = ()) -> None:
        """Plan cells; none of them is reached yet."""
        self.planned: dict[Cell, None] = dict.fromkeys(planned)
        self.reached: Counter[Cell] = Counter()

    def plan(self, cells: Iterable[Cell]) -> None:
        """Plan more cells."""
        self.planned.update(dict.fromkeys(cells))

    def add(self, dimension: str, value: str, other_dimension: str, other_value: str) -> None:
        """Count a cell as reached once more; the order of its two halves does not matter."""
        turned = (other_dimension, other_value, dimension, value)
        known = turned in self.planned or turned in self.reached
        self.reached[turned if known else (dimension, value, other_dimension, other_value)] += 1

    def unreached(self) -> list[Cell]:
        """Return the planned cells that were not reached, in their order."""
        return [cell for cell in self.planned if not self.reached[cell]]

    def tables(self) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
        """Return the cells of each pair of dimensions: both values, and how often they met (0: never)."""
        tables: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
        for cell in dict.fromkeys([*self.planned, *self.reached]):
            tables.setdefault((cell[0], cell[2]), []).append((cell[1], cell[3], self.reached[cell]))
        return tables

    def as_json(self) -> list[dict[str, Any]]:
        """Return the tables as a report has them."""
        return [
            {"dimensions": list(pair), "cells": [{"values": [one, two], "reached": n} for one, two, n in cells]}
            for pair, cells in self.tables().items()
        ]

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.planned or self.reached)
