"""Finds at once what lasted at some moment, among things that follow each other more or less."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate


class Spans:
    """Things in the order of their happening, each from one event to another."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        """Take the spans in the order of the things; ends may come earlier later."""
        begins, ends = zip(*spans, strict=True) if spans else ((), ())
        self._ended = list(accumulate(ends, max))
        self._begun = list(accumulate(reversed(begins), min))[::-1]

    def between(self, first: int, last: int) -> tuple[int, int]:
        """Return where those begin and end that last beyond ``first`` and began before ``last``.

        There may be others among them, but outside there is none.
        """
        return bisect_right(self._ended, first), bisect_left(self._begun, last)
