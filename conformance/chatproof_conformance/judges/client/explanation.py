"""Finds out whether all that a client showed can be explained by what was sent.

Frames with the same words, and those that may be shown or not, leave several ways to pair them with the driver's
events; a client is right if one of them is right.
"""

from collections.abc import Callable, Iterable, Sequence

from chatproof_conformance.judges.alignment import align_whole
from chatproof_conformance.judges.client.expected_displays import (
    VISIBLE,
    DisplayKind,
    DriverEvent,
    ExpectedDisplay,
)

_Event = tuple[int, DriverEvent]


def explain_all(
    displays: Sequence[ExpectedDisplay], events: Iterable[_Event], is_free: Callable[[DriverEvent], bool]
) -> bool:
    """Set where each frame was shown, if all that must be shown was, once and in order; else change nothing.

    Args:
        displays: what must become of each frame.
        events: what the driver reported, each with its place in the recording.
        is_free: whether an event needs no frame that it shows.
    """
    waiting = list(events)
    found: list[tuple[ExpectedDisplay, int]] = []
    for display in (display for display in displays if display.own):  # they are shown at their place, or before it
        mine = next((event for event in waiting if display.fits(event[1])), None)
        if mine is not None:
            waiting.remove(mine)
            found.append((display, mine[0]))
        elif display.required:
            return False
    others = [display for display in displays if not display.own and display.kind in (*VISIBLE, DisplayKind.EITHER)]
    steps = align_whole(others, waiting, _DisplayRules(is_free), 1.0)
    if steps is None:
        return False
    found += [(step.expected, step.arrived[0]) for step in steps if step.expected and step.arrived]
    for display, at in found:
        display.shown_at = at
    return True


class _DisplayRules:
    """Nothing costs but what is wrong."""

    def __init__(self, is_free: Callable[[DriverEvent], bool]) -> None:
        self._is_free = is_free

    def match(self, state: int, expected: ExpectedDisplay, arrived: _Event) -> tuple[float, int] | None:
        return (0.0, state) if expected.fits(arrived[1]) else None

    def lack(self, state: int, expected: ExpectedDisplay, later: _Event | None) -> Iterable[tuple[float, int]]:  # noqa: ARG002  the same
        yield (1.0 if expected.required and expected.kind is not DisplayKind.EITHER else 0.0), state

    def excess(self, state: int, arrived: _Event) -> float:  # noqa: ARG002  the same in every state
        return 0.0 if self._is_free(arrived[1]) else 1.0
