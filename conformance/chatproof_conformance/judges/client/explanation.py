"""Finds out whether all that was told can be explained by what was sent, whatever is told of which frame.

Frames with the same words, and such as may be shown or not, leave several ways to read what was told; a client is right
if one of them is right.
"""

from collections.abc import Callable, Iterable, Sequence

from chatproof_conformance.judges.alignment import align_whole
from chatproof_conformance.judges.client.expected_displays import (
    VISIBLE,
    DisplayExpectation,
    DriverEvent,
    ExpectedDisplay,
)

_Event = tuple[int, DriverEvent]


def explain_all(
    items: Sequence[ExpectedDisplay], events: Iterable[_Event], is_free: Callable[[DriverEvent], bool]
) -> bool:
    """Set what was told of each frame, if everything that must be told was, once and in order; else change nothing.

    Args:
        items: what must become of each frame.
        events: what was told, each with its place in the recording.
        is_free: whether an event needs no frame of which it tells.
    """
    waiting = list(events)
    found: list[tuple[ExpectedDisplay, int]] = []
    for item in (item for item in items if item.own):  # they are shown at their place, or before it
        mine = next((event for event in waiting if item.fits(event[1])), None)
        if mine is not None:
            waiting.remove(mine)
            found.append((item, mine[0]))
        elif item.required:
            return False
    others = [item for item in items if not item.own and item.fate in (*VISIBLE, DisplayExpectation.EITHER)]
    steps = align_whole(others, waiting, _DisplayRules(is_free), 1.0)
    if steps is None:
        return False
    found += [(step.expected, step.arrived[0]) for step in steps if step.expected and step.arrived]
    for item, at in found:
        item.told = at
    return True


class _DisplayRules:
    """Nothing costs but what is wrong."""

    def __init__(self, is_free: Callable[[DriverEvent], bool]) -> None:
        self._is_free = is_free

    def match(self, state: int, expected: ExpectedDisplay, arrived: _Event) -> tuple[float, int] | None:
        return (0.0, state) if expected.fits(arrived[1]) else None

    def lack(self, state: int, expected: ExpectedDisplay, *, tail: bool) -> Iterable[tuple[float, int]]:  # noqa: ARG002  the same
        yield (1.0 if expected.required and expected.fate is not DisplayExpectation.EITHER else 0.0), state

    def excess(self, state: int, arrived: _Event) -> float:  # noqa: ARG002  the same in every state
        return 0.0 if self._is_free(arrived[1]) else 1.0
