"""Histories that fail: each alone, then without the events that it does not need."""

import time
from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.stage import play_histories
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.histories import Do, Event, History

_AT_ONCE = 6
_MOST_NARROWED = 6
_SHORTENING_SECONDS = 4.0
_MOST_SECONDS = 25.0
"""After this time no other histories begin."""
PATIENCE = 2.3
_LEAVES = ("LEAVE-1", "LEAVE-2")
_LOST_AT_END = "LEAVE-6"
_ENDS = (Do.HALF, Do.FIN, Do.RESET)


async def explore_histories(workshop: Workshop, instance: Instance, histories: Sequence[History]) -> Instance:
    """Play histories, some at once; narrow and report those that fail; return the instance that is left.

    Raises:
        TargetGone: if the server cannot be started again.
    """
    began, narrowed = time.monotonic(), 0
    for place in range(0, len(histories), _AT_ONCE):
        if time.monotonic() - began > _MOST_SECONDS:
            break  # leaves may come 10 seconds late
        batch = histories[place : place + _AT_ONCE]
        record = await play_histories(instance, batch)
        findings = (await workshop.judge(instance, record, counts=True)).findings
        if not await workshop.has_survived(instance, record):
            instance = await workshop.restart(instance)
        new = [one for one in findings if not workshop.is_broken(one.requirement)]
        for known in findings:
            if known not in new:
                workshop.hide(known.requirement)
        for finding in [one for one in new if one.requirement in _LEAVES and not one.frames]:
            # Playing that again takes 10 seconds each time.
            label = _label(batch, finding)
            for history in batch:
                if history.label == label:
                    workshop.memory.histories[finding.requirement] = history
            workshop.report(workshop.shown(instance, record, finding, label))
            new.remove(finding)
        if new and narrowed < _MOST_NARROWED:
            narrowed += 1
            await _narrow(workshop, instance, batch, new, record)
    return instance


async def _narrow(
    workshop: Workshop, instance: Instance, batch: Sequence[History], findings: Sequence[Finding], record: Record
) -> None:
    """Find which history of a batch fails alone, shorten and report it; if none does, report what was seen."""
    seen = False
    named = {_label(batch, finding) for finding in findings}
    for history in sorted(batch, key=lambda one: one.label not in named):
        if all(workshop.is_broken(finding.requirement) for finding in findings):
            break
        found = await _first(workshop, instance, history)
        if found is None:
            continue
        history, found = await _without_end(workshop, instance, history, found)  # noqa: PLW2901  what it comes down to
        seen = True
        if not workshop.is_broken(found[0].requirement):
            await _shorten(workshop, instance, history, found)
    if not seen and record.fenced:
        finding = replace(findings[0], failures=1, attempts=2)
        workshop.report(workshop.shown(instance, record, finding, f"{len(batch)} histories at once"))


def _label(batch: Sequence[History], finding: Finding) -> str:
    """Return the label of the history that a finding is about; of all of them if it is about none."""
    labels = [finding.cause.connection if finding.cause else None, finding.connection]
    for place, history in enumerate(batch):
        if any(label is not None and label.startswith(f"h{place}.") for label in labels):
            return history.label
    return f"{len(batch)} histories at once"


async def _without_end(
    workshop: Workshop, instance: Instance, history: History, found: tuple[Finding, Record]
) -> tuple[History, tuple[Finding, Record]]:
    """Leave out the end of a connection that seems to have lost its last frames, if they are lost without it, too."""
    finding = found[0]
    if finding.requirement == _LOST_AT_END and finding.cause is not None:
        actor = int(finding.cause.connection.split(" ")[0].partition(".")[2] or -1)
        ends = [place for place, one in enumerate(history.events) if one.actor == actor and one.do in _ENDS]
        shorter = History(history.label, history.events[: ends[0]]) if ends else None
        if shorter is not None and (again := await _first(workshop, instance, shorter)) is not None:
            return shorter, again
    return history, found


async def _shorten(workshop: Workshop, instance: Instance, history: History, found: tuple[Finding, Record]) -> None:
    began = time.monotonic()
    for event in reversed(history.events):
        if time.monotonic() - began > _SHORTENING_SECONDS:
            break
        shorter = _without(history, event)
        if shorter is None:
            continue
        again = await _first(workshop, instance, shorter)
        if again is not None and again[0].requirement == found[0].requirement:
            history, found = shorter, again
    workshop.memory.histories[found[0].requirement] = history
    workshop.report(workshop.shown(instance, found[1], found[0], history.label))


async def _first(workshop: Workshop, instance: Instance, history: History) -> tuple[Finding, Record] | None:
    record = await play_histories(instance, [history], patience=PATIENCE)
    findings = (await workshop.judge(instance, record)).findings
    return (findings[0], record) if findings else None


def _without(history: History, event: Event) -> History | None:
    """Return a history without an event, None if the others need it."""
    rest = tuple(one for one in history.events if one is not event)
    if event.do is Do.OPEN:
        rest = tuple(one for one in rest if one.actor != event.actor or one.do is Do.AWAIT_LEAVE)
        if any(one.do is Do.AWAIT_LEAVE for one in rest):
            return None
    if event.do in (Do.JOIN, Do.AWAIT_LEAVE, Do.FIN, Do.RESET) and any(
        one.do is Do.AWAIT_LEAVE for one in history.events
    ):
        return None
    return History(history.label, rest) if rest else None
