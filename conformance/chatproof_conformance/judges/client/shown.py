"""Judges what a client showed against what the server sent: each once, in order, bad frames reported, none lost."""

import itertools
import json
from collections.abc import Iterator, Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import MOST_LISTED, quoted
from chatproof_conformance.judges.client.client_history import ClientHistory
from chatproof_conformance.judges.client.expected_displays import (
    VISIBLE,
    DisplayKind,
    DriverEvent,
    ExpectedDisplay,
    find_expected_displays,
    not_sent_back,
    said_by_user,
)
from chatproof_conformance.judges.client.explanation import explain_all
from chatproof_conformance.judges.client.texts import is_shown
from chatproof_conformance.judges.client.wording import all_described, described
from chatproof_schemas import Direction, members_of, message_types

_OF_FRAMES = ("shown", "failed", "refused", "disconnected")
"""The events of a driver that may show a frame."""


class DisplaysJudge:
    """What was shown of one connection's frames.

    Attributes:
        displays: what must become of each frame, with what did.
        unexpected: what is shown, or failed, without a frame.
    """

    def __init__(self, history: ClientHistory) -> None:
        """Match what was shown with what was sent."""
        self._history = history
        self.displays = find_expected_displays(history)
        self.unexpected: list[DriverEvent] = []
        events = [(at, event) for at, event in history.driver_events if _may_show(event)]
        if not explain_all([*self.displays, *not_sent_back(history, self.displays)], events, self._needs_no_frame):
            self._match(events)

    @property
    def deliveries(self) -> int:
        """How many frames were shown as they must be."""
        return sum(display.shown_at is not None for display in self.displays)

    @property
    def undelivered(self) -> set[int]:
        """The places of the events that tell what the server has not delivered."""
        return {display.shown_at for display in self._of(DisplayKind.FAILED) if display.shown_at is not None}

    @property
    def silences(self) -> int:
        """How many frames were to be shown nowhere, and were not."""
        return len(self._of(DisplayKind.PROBLEM, DisplayKind.IGNORED))

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, the most telling first."""
        yield from self._twice()
        yield from self._unasked()
        yield from self._altered()
        lost = [display for display in self._of(*VISIBLE) if display.required and display.shown_at is None]
        yield from self._lost(lost)
        if not lost:
            yield from self._out_of_order()
            yield from self._invented()
        yield from self._problems(lost)

    def _of(self, *kinds: DisplayKind) -> list[ExpectedDisplay]:
        return [display for display in self.displays if display.kind in kinds]

    def _needs_no_frame(self, event: DriverEvent) -> bool:
        """Return whether a client may report this although no frame says it, or says it once more."""
        if event["event"] == "shown":
            return any(error.fits(event) for error in self._of(DisplayKind.ERROR))
        return event["event"] != "failed" or not self._failed(event)

    def _match(self, events: Sequence[tuple[int, DriverEvent]]) -> None:
        """Match what was shown with what was sent, as well as possible if something is wrong."""
        for at, event in events:
            display = self._find(event)
            if display is not None:
                display.shown_at = at
            elif event["event"] in ("shown", "failed") and not self._is_known_refusal(event):
                self.unexpected.append(event)
        self._forget_what_was_said()

    def _find(self, event: DriverEvent) -> ExpectedDisplay | None:
        """Return the frame that an event shows: the first that says just that, or that it fits.

        If need be, one that may go unshown.
        """
        fits = [display for display in self.displays if display.shown_at is None and display.fits(event)]
        return min(
            fits, key=lambda display: (display.kind is DisplayKind.EITHER, not display.says(event)), default=None
        )

    def _is_known_refusal(self, event: DriverEvent) -> bool:
        """Return whether an error is shown that was reported as a refusal or failure already: that is one line more."""
        return any(error.shown_at is not None and error.fits(event) for error in self._of(DisplayKind.ERROR))

    def _forget_what_was_said(self) -> None:
        """Leave out what the user said and the server has not sent back: a client may show it at once."""
        for content in said_by_user(self._history).elements():
            if not self._came_back(content):
                for event in self.unexpected:
                    if event.get("kind") == "message" and is_shown(content, event.get("content")):
                        self.unexpected.remove(event)
                        break
        self.unexpected = [event for event in self.unexpected if event["event"] == "shown" or self._failed(event)]

    def _came_back(self, content: str) -> bool:
        return any(display.own and display.message.get("content") == content for display in self.displays)

    def _failed(self, event: DriverEvent) -> bool:
        return "content" in event and any(failed.fits(event) for failed in self._of(DisplayKind.FAILED))

    def _twice(self) -> Iterator[Finding]:
        bad = self._of(DisplayKind.PROBLEM)
        for event in list(self.unexpected):
            is_again = any(display.shown_at is not None and display.fits(event) for display in self._of(*VISIBLE))
            if is_again and not any(_stands_in(event, display.frame) for display in bad):
                self.unexpected.remove(event)
                actual = f"once more: {described(event)}"
                yield self._history.finding("CLIENT-8", "each message to be shown once", actual, [event])

    def _unasked(self) -> Iterator[Finding]:
        """Yield undelivered messages shown as delivered, and bad frames shown as messages."""
        for event in list(self.unexpected):
            failed = [i for i in self._of(DisplayKind.FAILED) if i.fits_as_shown(event)]
            bad = [i for i in self._of(DisplayKind.PROBLEM) if _stands_in(event, i.frame)]
            if failed:
                self.unexpected.remove(event)
                failed[0].shown_at = failed[0].shown_at or failed[0].at
                expected = f"{failed[0].text} to be shown as failed"
                yield self._history.finding("CLIENT-9", expected, described(event), [event])
            elif bad:
                self.unexpected.remove(event)
                expected = f"{bad[0].text} not to be taken for a message, and its user to be told"
                yield self._history.finding("CLIENT-4", expected, described(event), [event])

    def _altered(self) -> Iterator[Finding]:
        """Yield messages that are shown with another text, under another name, or as another kind of message."""
        for display in self._of(DisplayKind.SHOWN):
            if display.shown_at is not None or not display.required:
                continue
            event = next((one for one in self.unexpected if _resembles(display.message, one)), None)
            if event is not None:
                self.unexpected.remove(event)
                display.shown_at = self._history.place_of(event)
                expected = f"{display.text}{_from(display.message)} to be shown as it is"
                yield self._history.finding("CLIENT-10", expected, described(event), [event])

    def _lost(self, lost: Sequence[ExpectedDisplay]) -> Iterator[Finding]:
        after = self.displays[self.displays.index(lost[0]) :] if lost else []
        stopped = all(display.shown_at is None for display in after if display.kind in VISIBLE)
        problems = [] if self._has_bad() else self._history.reported("problem")
        instead = all_described([*self.unexpected, *problems])
        for display in lost[:1] if stopped else lost:
            more = f" and {len(lost) - 1} more after it" if stopped and len(lost) > 1 else ""
            expected = f"{display.text}{more} to be shown{_as(display)}"
            yield self._history.finding(self._culprit(display), expected, instead, self.unexpected[:MOST_LISTED])

    def _culprit(self, display: ExpectedDisplay) -> str:
        """Return the id that is broken if a frame is lost: its own, or that of what came just before it."""
        if display.requirement != "CLIENT-3":
            return display.requirement
        if any(other.shown_at is not None and other.message == display.message for other in self.displays):
            return "CLIENT-8"
        before = self.displays[: self.displays.index(display)]
        if before and before[-1].kind not in VISIBLE:
            return "CLIENT-4"
        return before[-1].requirement if before and before[-1].requirement != "CLIENT-6" else "CLIENT-3"

    def _out_of_order(self) -> Iterator[Finding]:
        ordered = [
            display
            for display in self._of(DisplayKind.SHOWN, DisplayKind.FAILED)
            if display.shown_at is not None and not display.own
        ]
        for before, after in itertools.pairwise(ordered):
            if (before.shown_at or 0) > (after.shown_at or 0):
                yield Finding("CLIENT-11", f"{before.text} to be shown before {after.text}", "the other way round")
                return

    def _invented(self) -> Iterator[Finding]:
        for event in self.unexpected[:1]:
            place = self._history.place_of(event)
            before = [display for display in self.displays if display.at < place]
            last = max((i for i, one in enumerate(before) if (one.shown_at or place) < place), default=-1)
            is_of_bad = any(display.kind is DisplayKind.PROBLEM for display in before[last + 1 :])
            requirement = "CLIENT-4" if is_of_bad else "CLIENT-12"
            expected = "nothing to be shown but what the server said"
            yield self._history.finding(requirement, expected, described(event), [event])

    def _problems(self, lost: Sequence[ExpectedDisplay]) -> Iterator[Finding]:
        reported = self._history.reported("problem")
        runs = _runs(self.displays)
        if len(reported) < len(runs):
            text = runs[0].text if not reported else f"each of {len(runs)} bad frames"
            yield Finding("CLIENT-4", f"its user to be told that {text} is no valid message", all_described(reported))
        elif any(event.get("reason", "") == "" for event in reported):
            yield Finding("CLIENT-4", "a problem to be told with its reason", "an empty one")
        if reported and not lost and not self._has_bad():
            extra = any(display.requirement == "CLIENT-5" for display in self.displays)
            expected = "no problem to be told, since every frame is valid"
            yield self._history.finding(
                "CLIENT-5" if extra else "CLIENT-3", expected, all_described(reported), reported
            )

    def _has_bad(self) -> bool:
        history = self._history
        return bool(history.rest_received) or any(display.kind not in VISIBLE for display in self.displays)


def _may_show(event: DriverEvent) -> bool:
    """Whether an event may show a frame: those of other kinds are a driver's own."""
    is_known = event.get("event") != "shown" or event.get("kind") in message_types(Direction.SERVER)
    return is_known and event.get("event") in _OF_FRAMES


def _runs(displays: Sequence[ExpectedDisplay]) -> list[ExpectedDisplay]:
    """Return the first frame of each row of bad frames, which the user must learn of."""
    runs: list[ExpectedDisplay] = []
    inside = False
    for display in displays:
        if display.kind is DisplayKind.PROBLEM and display.required:
            runs += [] if inside else [display]
            inside = True
        elif display.kind in VISIBLE:
            inside = False
    return runs


def _from(message: DriverEvent) -> str:
    sender = message.get("username", message.get("sender"))
    return "" if sender is None else f" from {quoted(sender)}"


def _resembles(message: DriverEvent, event: DriverEvent) -> bool:
    """Return whether an event shows the same text, or another of the same kind and sender."""
    if event.get("event") != "shown":
        return False
    members = members_of(Direction.SERVER, message["type"])
    if any(is_shown(message[members.text], value) for name, value in event.items() if name not in ("event", "kind")):
        return True
    return event.get("kind") == message["type"] and event.get(members.user) == message.get(members.user)


def _as(display: ExpectedDisplay) -> str:
    if display.refusal:
        return ", as the reason for which the join was refused"
    return " as failed" if display.kind is DisplayKind.FAILED else ""


def _stands_in(event: DriverEvent, frame: bytes) -> bool:
    """Return whether an event shows a part of a frame, as it stands there or as a language prints it."""
    texts = [str(event[name]) for name in ("content", "message") if event.get(name)]
    whole = frame.decode("utf-8", "replace")
    return any(text in whole or quoted(text).strip('"') in whole or text in _printed(frame) for text in texts)


def _printed(frame: bytes) -> set[str]:
    """Return the values of an object that are no strings, as languages print them."""
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError):
        return set()
    others = [one for one in value.values() if not isinstance(one, str)] if isinstance(value, dict) else []
    return {text for one in others for text in (str(one), str(one).lower(), json.dumps(one))} - {"", "0", "1"}
