"""Judges what a client showed against what the server sent: each once, in order, bad frames told of, none lost."""

import itertools
from collections.abc import Iterator, Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import MOST_LISTED, quoted
from chatproof_conformance.judges.client.client_history import ClientHistory
from chatproof_conformance.judges.client.expected_displays import (
    VISIBLE,
    DisplayExpectation,
    DriverEvent,
    ExpectedDisplay,
    find_items,
    under_way,
)
from chatproof_conformance.judges.client.explanation import explain_all
from chatproof_conformance.judges.client.texts import is_shown
from chatproof_conformance.judges.client.wording import all_described, described
from chatproof_schemas import Direction, members_of


class DisplaysJudge:
    """What was told of one connection's frames.

    Attributes:
        items: what must become of each frame, with what did.
        unexpected: what is shown, or failed, and tells of no frame.
    """

    def __init__(self, story: ClientHistory) -> None:
        """Match what was told with what was sent."""
        self._story = story
        self.items = find_items(story)
        self.unexpected: list[DriverEvent] = []
        told = story.told_as("shown", "failed", "refused", "disconnected")
        if not explain_all([*self.items, *under_way(story, self.items)], told, self._needs_no_frame):
            self._match(told)

    @property
    def deliveries(self) -> int:
        """How many frames were told of as they must be."""
        return sum(item.told is not None for item in self.items)

    @property
    def silences(self) -> int:
        """How many frames were to be shown nowhere, and were not."""
        return sum(item.fate in (DisplayExpectation.PROBLEM, DisplayExpectation.IGNORED) for item in self.items)

    def wrongs(self) -> Iterator[Finding]:
        """Yield what is wrong, the most telling first."""
        lost = [i for i in self.items if i.required and i.fate in VISIBLE and i.told is None]
        yield from self._twice()
        yield from self._unasked()
        yield from self._lost(lost)
        if not lost:
            yield from self._out_of_order()
            yield from self._invented()
        yield from self._problems(lost)

    def _needs_no_frame(self, event: DriverEvent) -> bool:
        """Return whether a client may tell this although no frame says it, or says it once more."""
        if event["event"] == "shown":
            return any(item.fate is DisplayExpectation.ERROR and item.fits(event) for item in self.items)
        return event["event"] != "failed" or not self._fits_told(event)

    def _match(self, told: Sequence[tuple[int, DriverEvent]]) -> None:
        """Lay what was told beside what was sent, as well as can be where something is wrong."""
        for at, event in told:
            item = self._find(event)
            if item is not None:
                item.told = at
            elif event["event"] in ("shown", "failed") and not self._is_known_refusal(event):
                self.unexpected.append(event)
        self._forget_what_was_said()

    def _find(self, event: DriverEvent) -> ExpectedDisplay | None:
        """Return the frame of which an event tells: the first that it fits, if need be one that may go unshown."""
        fits = [item for item in self.items if item.told is None and item.fits(event)]
        return min(fits, key=lambda item: item.fate is DisplayExpectation.EITHER, default=None)

    def _is_known_refusal(self, event: DriverEvent) -> bool:
        """Return whether an error is shown that was told as a refusal or failure already: that is one line more."""
        return any(i.fate is DisplayExpectation.ERROR and i.told is not None and i.fits(event) for i in self.items)

    def _forget_what_was_said(self) -> None:
        """Leave out what the user said and the server has not sent back: a client may show it at once."""
        for _, request in self._story.requests:
            if request.get("do") == "say" and not self._came_back(request):
                for event in self.unexpected:
                    if event.get("kind") == "message" and is_shown(str(request.get("content")), event.get("content")):
                        self.unexpected.remove(event)
                        break
        self.unexpected = [event for event in self.unexpected if event["event"] == "shown" or self._fits_told(event)]

    def _came_back(self, request: DriverEvent) -> bool:
        return any(item.own and item.message.get("content") == request.get("content") for item in self.items)

    def _fits_told(self, event: DriverEvent) -> bool:
        return any(i.fate is DisplayExpectation.FAILED and i.fits(event) for i in self.items) and "content" in event

    # What can be wrong

    def _twice(self) -> Iterator[Finding]:
        for event in list(self.unexpected):
            if any(item.told is not None and item.fate in VISIBLE and item.fits(event) for item in self.items):
                self.unexpected.remove(event)
                actual = f"once more: {described(event)}"
                yield self._story.finding("CLIENT-8", "each message to be shown once", actual, [event])

    def _unasked(self) -> Iterator[Finding]:
        """Yield undelivered messages shown as delivered, and bad frames shown as messages."""
        for event in list(self.unexpected):
            failed = [i for i in self.items if i.fate is DisplayExpectation.FAILED and _says_delivered(i, event)]
            bad = [i for i in self.items if i.fate is DisplayExpectation.PROBLEM and _stands_in(event, i.frame)]
            if failed:
                self.unexpected.remove(event)
                failed[0].told = failed[0].told or failed[0].at
                expected = f"{failed[0].text} to be shown as failed"
                yield self._story.finding("CLIENT-9", expected, described(event), [event])
            elif bad:
                self.unexpected.remove(event)
                expected = f"{bad[0].text} not to be taken for a message, and its user to be told"
                yield self._story.finding("CLIENT-4", expected, described(event), [event])

    def _lost(self, lost: Sequence[ExpectedDisplay]) -> Iterator[Finding]:
        after = self.items[self.items.index(lost[0]) :] if lost else []
        stopped = all(item.told is None for item in after if item.fate in VISIBLE)
        problems = [event for _, event in self._story.told_as("problem")] if not self._has_bad() else []
        instead = all_described([*self.unexpected, *problems])
        for item in lost[:1] if stopped else lost:
            more = f" and {len(lost) - 1} more after it" if stopped and len(lost) > 1 else ""
            expected = f"{item.text}{more} to be shown{_as(item)}"
            yield self._story.finding(self._culprit(item), expected, instead, self.unexpected[:MOST_LISTED])

    def _culprit(self, item: ExpectedDisplay) -> str:
        """Return the id that is broken where a frame is lost: its own, or that of what came just before it."""
        if item.requirement != "CLIENT-3":
            return item.requirement
        if any(other.told is not None and other.message == item.message for other in self.items):
            return "CLIENT-8"
        before = self.items[: self.items.index(item)]
        if before and before[-1].fate not in VISIBLE:
            return "CLIENT-4"
        return before[-1].requirement if before and before[-1].requirement != "CLIENT-6" else "CLIENT-3"

    def _out_of_order(self) -> Iterator[Finding]:
        ordered = [
            i
            for i in self.items
            if i.fate in (DisplayExpectation.SHOWN, DisplayExpectation.FAILED) and i.told is not None and not i.own
        ]
        for before, after in itertools.pairwise(ordered):
            if (before.told or 0) > (after.told or 0):
                yield Finding("CLIENT-3", f"{before.text} to be shown before {after.text}", "the other way round")
                return

    def _invented(self) -> Iterator[Finding]:
        for event in self.unexpected[:1]:
            known = any(item.fate is DisplayExpectation.PROBLEM for item in self.items)
            requirement, expected = "CLIENT-4" if known else "CLIENT-3", "nothing to be shown but what the server said"
            yield self._story.finding(requirement, expected, described(event), [event])

    def _problems(self, lost: Sequence[ExpectedDisplay]) -> Iterator[Finding]:
        told = [event for _, event in self._story.told_as("problem")]
        runs = _runs(self.items)
        if len(told) < len(runs):
            text = runs[0].text if not told else f"each of {len(runs)} bad frames"
            yield Finding("CLIENT-4", f"its user to be told that {text} is no valid message", all_described(told))
        elif any(event.get("reason", "") == "" for event in told):
            yield Finding("CLIENT-4", "a problem to be told with its reason", "an empty one")
        if told and not lost and not self._has_bad():
            extra = any(item.requirement == "CLIENT-5" for item in self.items)
            expected = "no problem to be told, since every frame is valid"
            yield self._story.finding("CLIENT-5" if extra else "CLIENT-3", expected, all_described(told), told)

    def _has_bad(self) -> bool:
        story = self._story
        return bool(story.rest_received) or any(item.fate not in VISIBLE for item in self.items)


def _runs(items: Sequence[ExpectedDisplay]) -> list[ExpectedDisplay]:
    """Return the first frame of each row of bad frames, of which the user must be told."""
    runs: list[ExpectedDisplay] = []
    inside = False
    for item in items:
        if item.fate is DisplayExpectation.PROBLEM and item.required:
            runs += [] if inside else [item]
            inside = True
        elif item.fate in VISIBLE:
            inside = False
    return runs


def _as(item: ExpectedDisplay) -> str:
    if item.refusal:
        return ", as the reason for which the join was refused"
    return " as failed" if item.fate is DisplayExpectation.FAILED else ""


def _says_delivered(item: ExpectedDisplay, event: DriverEvent) -> bool:
    kind = "private_confirmation"
    if event.get("event") != "shown" or event.get("kind") != kind:
        return False
    return all(is_shown(item.message[name], event.get(name)) for name in members_of(Direction.SERVER, kind).shown)


def _stands_in(event: DriverEvent, frame: bytes) -> bool:
    texts = [str(event[name]) for name in ("content", "message") if event.get(name)]
    whole = frame.decode("utf-8", "replace")
    return any(text in whole or quoted(text).strip('"') in whole for text in texts)
