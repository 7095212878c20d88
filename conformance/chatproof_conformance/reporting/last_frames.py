"""The traffic of a finding as lines: who sent what to whom, around what is wrong."""

from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import shortened_line
from chatproof_conformance.reporting.traffic_steps import HAPPENINGS, MARKERS, NO_LF, DiagramStep, placed_steps
from chatproof_schemas.transcript import Checked, Event, Framing, Kind

_SPEAKERS = {"client": "{} → {}", "server": "{} ← {}", "request": "user: {1}", "told": "shown: {1}"}
_AFTER = 3
"""How many of the lines follow what is wrong, at most."""


def last_frames(events: Sequence[Event], count: int) -> list[str]:
    """Return the last frames and ends of connections, oldest first, one a line; markers left out."""
    return frames_around(Finding("", "", "", events=events), count)


def frames_around(finding: Finding, count: int, framing: Framing = "lf", checked: Checked = "server") -> list[str]:
    """Return the lines around what is wrong, oldest first; markers left out.

    If there are more than ``count``, those at its connection are left, and of these the ones next to its event.
    """
    steps = _joined(placed_steps(finding, framing, checked))
    if len(steps) > count:
        steps = [(at, step) for at, step in steps if _concerns(step, finding)]
    place = _place(steps, finding)
    first = max(0, min(place + 1 + _AFTER, len(steps)) - count)
    return [_line(step) for _, step in steps[first : first + count]]


def _joined(steps: Sequence[tuple[int, DiagramStep]]) -> list[tuple[int, DiagramStep]]:
    """Return what a line can show, the pieces of a frame that follow each other as one: ``{"ty | pe"…``."""
    joined: list[tuple[int, DiagramStep]] = []
    for at, step in steps:
        if step.event in (MARKERS, Kind.OPEN.value):
            continue
        before = joined[-1][1] if joined else DiagramStep("")
        if before.text.endswith(NO_LF) and (before.event, before.connection) == (step.event, step.connection):
            joined.pop()
            step = replace(step, text=f"{before.text.removesuffix(NO_LF)} | {step.text}")  # noqa: PLW2901  the same
        joined.append((at, step))
    return joined


def _concerns(step: DiagramStep, finding: Finding) -> bool:
    return step.offending or not step.connection or finding.connection in (None, step.connection)


def _place(steps: Sequence[tuple[int, DiagramStep]], finding: Finding) -> int:
    """Return where the wrong step is, or the last one before the finding's event; the last of all if it has none."""
    wrong = [place for place, (_, step) in enumerate(steps) if step.offending]
    if wrong:
        return wrong[-1]
    return sum(finding.event is None or at <= finding.event for at, _ in steps) - 1


def _line(step: DiagramStep) -> str:
    if step.event in HAPPENINGS:
        return f"{step.connection} {HAPPENINGS[step.event]}"
    form = _SPEAKERS.get(step.event, "operator announces {1}")
    return form.format(step.connection, shortened_line(step.text)) + "   <- wrong" * step.offending
