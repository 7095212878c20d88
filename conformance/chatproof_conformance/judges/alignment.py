"""The cheapest alignment of what arrived with what should have: which is which, what is missing or unexpected.

The costs depend on a state, a number that changes along the way (joined or not; seen before or not). What is expected
once is an anchor, and between anchors little is left to align, however much is missing or unexpected. With no anchors,
the sequences are aligned as a whole if hardly a message is missing or unexpected; else window by window.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from typing import Generic, Protocol, TypeVar

WINDOW = 40
_SMALL, _LARGEST = 6 * 6, 60 * 60
"""Between two anchors, so many cells are all visited, at least and at most."""
NEAR, FAR = 12, 200
"""How many steps before the first one that does not fit are taken back, at first and at second try."""
NEGLIGIBLE = 0.01
"""What is cheaper needs no second try."""
_HOPELESS = 20.0
"""What costs so much is made right by no look further back."""
_NO_FAULT, _ONE_FAULT = 1.0, 4.0
"""What is cheaper has no message that lacks or is too much; at most one that is too much or three that lack."""
_MOST_CELLS = 50_000
"""Cells reached at most in search of such a way: tenths of a second, tens of MiB."""

Expected = TypeVar("Expected")
Arrived = TypeVar("Arrived")
ExpectedIn = TypeVar("ExpectedIn", contravariant=True)  # noqa: PLC0105  it says more than a suffix
ArrivedIn = TypeVar("ArrivedIn", contravariant=True)  # noqa: PLC0105  the same


class Rules(Protocol[ExpectedIn, ArrivedIn]):
    """What it costs to match, to lack, to have too much; and the state afterwards."""

    def match(self, state: int, expected: ExpectedIn, arrived: ArrivedIn) -> tuple[float, int] | None:
        """Return the cost of taking one for the other and the state then, None if that cannot be."""

    def lack(self, state: int, expected: ExpectedIn, later: ArrivedIn | None) -> Iterable[tuple[float, int]]:
        """Return the costs of its absence and the states then; ``later`` arrived next, None if nothing did."""

    def excess(self, state: int, arrived: ArrivedIn) -> float:
        """Return the cost of its arrival with no reason."""


class AnchoredRules(Rules[ExpectedIn, ArrivedIn], Protocol[ExpectedIn, ArrivedIn]):
    """Rules that say what can be told apart."""

    def expected_key(self, expected: ExpectedIn) -> Hashable:
        """Return what is equal to the key of what arrived for it; None if that is not known."""

    def arrived_key(self, arrived: ArrivedIn) -> Hashable:
        """Return its key; None if it has none."""

    def may_anchor(self, expected: ExpectedIn, arrived: ArrivedIn) -> bool:
        """Whether two with the same key may belong together."""


@dataclass(frozen=True, slots=True)
class AlignmentStep(Generic[Expected, Arrived]):
    """One step of an alignment: a pair, something that lacks (arrived None), something too much (expected None).

    Attributes:
        cost: what the step cost.
        before, after: the states around it.
    """

    expected: Expected | None
    arrived: Arrived | None
    cost: float
    before: int
    after: int


def align_from(
    steps: list[AlignmentStep[Expected, Arrived]],
    expected: Sequence[Expected],
    arrived: Sequence[Arrived],
    rules: AnchoredRules[Expected, Arrived],
) -> list[AlignmentStep[Expected, Arrived]]:
    """Align all between anchors; with none, again from shortly before where the first steps stopped fitting.

    If that costs, it goes further back, as a window does not see what lies behind it: all is searched for a way with
    hardly a fault.
    """
    if anchors := _anchors(expected, arrived, rules):
        return _align_between(anchors, expected, arrived, rules)
    if max(len(expected), len(arrived)) <= WINDOW:
        return _Window(expected, arrived, rules).cheapest(0, open_end=False)

    def align_after(most_dropped: int) -> list[AlignmentStep[Expected, Arrived]]:
        return _align_on(steps[: max(0, len(steps) - most_dropped)], expected, arrived, rules)

    near = align_after(NEAR)
    if not NEGLIGIBLE <= total_cost(near) < _HOPELESS:
        return near
    for below in (_NO_FAULT, _ONE_FAULT):
        if whole := align_whole(expected, arrived, rules, below):
            return whole
    return near if len(steps) <= NEAR else min(near, align_after(FAR), key=total_cost)


def align_whole(
    expected: Sequence[Expected], arrived: Sequence[Arrived], rules: Rules[Expected, Arrived], below: float
) -> list[AlignmentStep[Expected, Arrived]] | None:
    """Return the steps of a cheapest alignment from state 0; None if none that costs less is found."""
    return _Window(expected, arrived, rules).cheaper(0, below)


def total_cost(steps: Iterable[AlignmentStep[Expected, Arrived]]) -> float:
    """Return what an alignment costs."""
    return sum(step.cost for step in steps)


def _anchors(
    expected: Sequence[Expected], arrived: Sequence[Arrived], rules: AnchoredRules[Expected, Arrived]
) -> list[tuple[int, int]]:
    """Return the places of pairs that belong together, in the longest chain in the order of both sides."""
    keys = [rules.expected_key(one) for one in expected]
    counts = Counter(keys)
    rows = {key: row for row, key in enumerate(keys) if key is not None and counts[key] == 1}
    pairs: list[tuple[int, int]] = []
    for column, one in enumerate(arrived):
        row = rows.get(rules.arrived_key(one), -1)
        if row >= 0 and rules.may_anchor(expected[row], one):
            pairs.append((row, column))
            del rows[keys[row]]  # the first arrival is meant, and any other is too much
    return _longest_chain(pairs)


def _longest_chain(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest selection whose rows rise too, from pairs in the order of their columns.

    It is sought from the end, so that of equal ones the one that begins with the earlier arrival is found.
    """
    first_rows: list[int] = []  # of the chains of each length, the highest beginning, negated
    beginnings: list[int] = []
    following: list[int] = []
    backwards = pairs[::-1]
    for number, (row, _) in enumerate(backwards):
        length = bisect_left(first_rows, -row)
        following.append(beginnings[length - 1] if length else -1)
        first_rows[length : length + 1] = [-row]
        beginnings[length : length + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = beginnings[-1] if beginnings else -1
    while number >= 0:
        chain.append(backwards[number])
        number = following[number]
    return chain


def _align_between(
    anchors: Sequence[tuple[int, int]],
    expected: Sequence[Expected],
    arrived: Sequence[Arrived],
    rules: AnchoredRules[Expected, Arrived],
) -> list[AlignmentStep[Expected, Arrived]]:
    """Return the steps, part by part; each part but the last one ends with an anchor."""
    steps: list[AlignmentStep[Expected, Arrived]] = []
    row = column = state = 0
    for next_row, next_column in (*((row + 1, column + 1) for row, column in anchors), (len(expected), len(arrived))):
        later = arrived[next_column] if next_column < len(arrived) else None
        path = _align_part(state, expected[row:next_row], arrived[column:next_column], rules, later)
        steps += path
        row, column, state = next_row, next_column, path[-1].after if path else state
    return steps


def _align_part(
    state: int,
    expected: Sequence[Expected],
    arrived: Sequence[Arrived],
    rules: AnchoredRules[Expected, Arrived],
    later: Arrived | None,
) -> list[AlignmentStep[Expected, Arrived]]:
    size = len(expected) * len(arrived)
    if len(expected) == len(arrived) and (size == 1 or size > _SMALL):
        pairs = _pair_off(state, expected, arrived, rules)
        if pairs and (size > 1 or not pairs[0].cost):
            return pairs
    if size > _LARGEST:
        return _align_by_windows(state, expected, arrived, rules, later)
    return _Window(expected, arrived, rules, later).cheapest(state, open_end=False)


def _pair_off(
    state: int, expected: Sequence[Expected], arrived: Sequence[Arrived], rules: AnchoredRules[Expected, Arrived]
) -> list[AlignmentStep[Expected, Arrived]]:
    """Return pairs in order, if nothing of the one side is equal to anything else of the other; else nothing."""
    keys, others = [*map(rules.expected_key, expected)], [*map(rules.arrived_key, arrived)]
    unlike = [(one, other) for one, other in zip(keys, others, strict=True) if one != other]
    if {one for one, _ in unlike} & {*others} or {other for _, other in unlike} & {*keys}:
        return []
    steps: list[AlignmentStep[Expected, Arrived]] = []
    for one, other in zip(expected, arrived, strict=True):
        found = rules.match(state, one, other)
        if found is None:
            return []
        steps.append(AlignmentStep(one, other, found[0], state, found[1]))
        state = found[1]
    return steps


def _align_on(
    steps: list[AlignmentStep[Expected, Arrived]],
    expected: Sequence[Expected],
    arrived: Sequence[Arrived],
    rules: Rules[Expected, Arrived],
) -> list[AlignmentStep[Expected, Arrived]]:
    """Return the steps and what follows them, window by window."""
    row = sum(step.expected is not None for step in steps)
    column = sum(step.arrived is not None for step in steps)
    return steps + _align_by_windows(steps[-1].after if steps else 0, expected[row:], arrived[column:], rules, None)


def _align_by_windows(
    state: int,
    expected: Sequence[Expected],
    arrived: Sequence[Arrived],
    rules: Rules[Expected, Arrived],
    later: Arrived | None,
) -> list[AlignmentStep[Expected, Arrived]]:
    steps: list[AlignmentStep[Expected, Arrived]] = []
    row = column = 0
    while True:
        rows, columns = len(expected) - row, len(arrived) - column
        open_end = min(rows, columns) > 0 and max(rows, columns) > WINDOW
        size = WINDOW if open_end else max(rows, columns)
        seen = arrived[column : column + size]
        window = _Window(expected[row : row + size], seen, rules, None if open_end else later)
        path = window.cheapest(state, open_end=open_end)
        if not open_end:
            return steps + path
        path = path[: max(1, len(path) // 2)]  # its open end no longer matters for the first half
        steps += path
        row += sum(step.expected is not None for step in path)
        column += sum(step.arrived is not None for step in path)
        state = path[-1].after


class _Window(Generic[Expected, Arrived]):
    """Finds the cheapest path through one window, cell by cell: (rows done, columns done) and the state there."""

    def __init__(
        self,
        expected: Sequence[Expected],
        arrived: Sequence[Arrived],
        rules: Rules[Expected, Arrived],
        later: Arrived | None = None,
    ) -> None:
        self._expected = expected
        self._arrived = arrived
        self._rules = rules
        self._later = later
        self._cells: dict[tuple[int, int], dict[int, tuple[float, AlignmentStep[Expected, Arrived] | None]]] = {}

    def cheapest(self, start: int, *, open_end: bool) -> list[AlignmentStep[Expected, Arrived]]:
        """Return the steps to the far corner, or with an open end to the nearest end of either sequence."""
        rows, columns = len(self._expected), len(self._arrived)
        self._cells[0, 0] = {start: (0.0, None)}
        for row in range(rows + 1):
            for column in range(columns + 1):
                self._leave(row, column)
        ends = [cell for cell in self._cells if open_end and (cell[0] == rows or cell[1] == columns)]
        goals = (
            (cost, cell, state)
            for cell in ends or [(rows, columns)]
            for state, (cost, _) in self._cells.get(cell, {}).items()
        )
        _, corner, state = min(goals)
        return self._walk_back(corner, state)

    def cheaper(self, start: int, below: float) -> list[AlignmentStep[Expected, Arrived]] | None:
        """Return the steps to the far corner if they cost less than that; None if no such way is found."""
        far = (len(self._expected), len(self._arrived))
        self._cells[0, 0] = {start: (0.0, None)}
        waiting = [(0, 0)]  # taken row by row, so that every way to a cell is known when it is left
        while waiting and len(self._cells) < _MOST_CELLS:
            corner = heappop(waiting)
            if corner == far:
                _, state = min((cost, state) for state, (cost, _) in self._cells[far].items())
                return self._walk_back(far, state)
            for reached in self._leave(*corner, below=below):
                heappush(waiting, reached)
        return None

    def _leave(self, row: int, column: int, *, below: float = inf) -> list[tuple[int, int]]:
        """Take every step from a cell whose way costs less than that; return the cells that were not reached yet."""
        news = []
        for state, (cost, _) in self._cells.get((row, column), {}).items():
            for step in self._steps(row, column, state):
                total = cost + step.cost
                if total >= below:
                    continue
                corner = (row + (step.expected is not None), column + (step.arrived is not None))
                if corner not in self._cells:
                    self._cells[corner] = {}
                    news.append(corner)
                cell = self._cells[corner]
                # Of equal paths the last one found wins: it pairs first and finds the rest too much.
                if step.after not in cell or total <= cell[step.after][0]:
                    cell[step.after] = (total, step)
        return news

    def _steps(self, row: int, column: int, state: int) -> Iterator[AlignmentStep[Expected, Arrived]]:
        expected = self._expected[row] if row < len(self._expected) else None
        arrived = self._arrived[column] if column < len(self._arrived) else None
        if expected is not None and arrived is not None:
            found = self._rules.match(state, expected, arrived)
            if found:
                yield AlignmentStep(expected, arrived, found[0], state, found[1])
        if expected is not None:
            for cost, after in self._rules.lack(state, expected, self._later if arrived is None else arrived):
                yield AlignmentStep(expected, None, cost, state, after)
        if arrived is not None:
            yield AlignmentStep(None, arrived, self._rules.excess(state, arrived), state, state)

    def _walk_back(self, corner: tuple[int, int], state: int) -> list[AlignmentStep[Expected, Arrived]]:
        path: list[AlignmentStep[Expected, Arrived]] = []
        while (step := self._cells[corner][state][1]) is not None:
            path.append(step)
            corner = (corner[0] - (step.expected is not None), corner[1] - (step.arrived is not None))
            state = step.before
        path.reverse()
        return path
