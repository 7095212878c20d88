"""Judges how a connection ends: told once, in order if its user leaves, and with a word on what is not sent then."""

from collections.abc import Iterator, Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import quoted
from chatproof_conformance.judges.client.client_history import ClientHistory
from chatproof_conformance.judges.client.expected_displays import ExpectedDisplay
from chatproof_conformance.judges.client.sent import SentFramesJudge
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas.transcript import Kind

_SURVIVED = ("CLIENT-4", "CLIENT-5")
_SAID = ("say", "say_privately")
_REFUSED = ("failed", "unsupported", "invalid_request")
_NOT_DONE = (*_REFUSED, "disconnected")


def end_findings(history: ClientHistory, sent: SentFramesJudge) -> Iterator[Finding]:
    """Yield what is wrong with how a connection ended, or did not."""
    yield from _leaving(history, sent)
    yield from _told(history, sent)
    yield from _said_in_vain(history)


def false_end(history: ClientHistory) -> Iterator[Finding]:
    """Yield an end that is told of a connection that stands."""
    joined_at = history.joined_at if history.joined_at is not None else -1
    ends = [one for at, one in history.driver_events if one.get("event") == "disconnected" and at > joined_at]
    stands = history.server_end is None and history.left is None and (history.client_end is None or _confused(history))
    if ends and stands and not history.driver_ended and history.username is not None:
        yield history.finding("CLIENT-7", "no end to be told of a connection that stands", all_described(ends), ends)


def _confused(history: ClientHistory) -> bool:
    """Whether a client ends its connection after the end of the one before it."""
    old, own = history.old_ended, history.client_end
    return old is not None and own is not None and old < own[0]


def left_unasked(history: ClientHistory, displays: Sequence[ExpectedDisplay]) -> Iterator[Finding]:
    """Yield an end of the connection that nobody asked for, if a frame before it explains it, or none at all does."""
    if history.client_end is None or (history.server_end is not None and history.server_end[0] < history.client_end[0]):
        return
    if history.left is not None or any(one.get("do") == "connect" and at > 0 for at, one in history.requests):
        return
    before = [display for display in displays if display.at < history.client_end[0]]
    if any(display.refusal for display in before):
        return
    special = [display for display in before if display.requirement in _SURVIVED]
    if special:
        expected = f"the client to go on after {special[-1].text}"
        yield Finding(special[-1].requirement, expected, "it ends the connection", event=history.client_end[0])
    elif history.username is not None and not any(one.required and one.shown_at is None for one in before):
        expected = "a connection to stand until its server or user ends it"
        yield Finding("CLIENT-7", expected, "the client ends it", event=history.client_end[0])


def _leaving(history: ClientHistory, sent: SentFramesJudge) -> Iterator[Finding]:
    """Yield last words that were not sent, and an end of the stream that is none."""
    left = history.left
    if left is None or not history.opened or (history.server_end is not None and history.server_end[0] < left):
        return
    if history.client_end is None:
        if history.server_end is None:
            yield Finding("CLIENT-16", "the stream to end in order when its user leaves", "nothing")
        return
    if history.client_end[1] is Kind.RESET and history.client_end[0] > left:
        yield Finding(
            "CLIENT-16", "the stream to end in order when its user leaves", "a reset", event=history.client_end[0]
        )
        return
    lacking = sent.unsent_before(left) or sent.dropped_before(left) if history.client_end[0] > left else []
    if lacking:
        expected = f"{quoted(str(lacking[0]['content']))} to be sent before the end of the stream"
        more = "it is not" if len(lacking) == 1 else f"{len(lacking)} are not"
        yield Finding("CLIENT-16", expected, more, event=history.client_end[0])


def _told(history: ClientHistory, sent: SentFramesJudge) -> Iterator[Finding]:
    """Yield a client that does not notice the end of its connection, or tells it more than once."""
    ends = history.reported("disconnected")
    first = history.place_of(ends[0]) if ends else 0
    asked_later = sum(at > first for at, _ in history.requests)
    answered = sum(at > first and one.get("event") in _REFUSED for at, one in history.driver_events)
    excused = max(0, asked_later - answered)
    if excused or not asked_later:  # what was asked for just before the end may have been answered by it, too
        excused += sent.unknown_before(first)
    if len(ends) > 1 + excused:
        yield history.finding("CLIENT-7", "the end of a connection to be told once", all_described(ends), ends)
    if history.server_end is None or (history.client_end is not None and history.client_end[0] < history.server_end[0]):
        return
    if not ends:
        later = [event for at, event in history.driver_events if at > history.server_end[0]]
        yield Finding("CLIENT-7", "the end of the connection to be shown", all_described(later))


def _said_in_vain(history: ClientHistory) -> Iterator[Finding]:
    """Yield what was asked for after the end was told, and not told as not sent."""
    ends = history.reported("disconnected")
    if not ends or history.driver_ended:
        return
    end = history.place_of(ends[0])
    asked = [(at, request) for at, request in history.requests if at > end and request.get("do") in _SAID]
    if not asked:
        return
    answers = [event for at, event in history.driver_events if at > asked[0][0] and event.get("event") in _NOT_DONE]
    if len(answers) < len(asked):
        answered = [event.get("do") for event in answers]
        lacking = next((one for _, one in asked if one["do"] not in answered), asked[-1][1])
        yield Finding("CLIENT-17", f"a word that {quoted(str(lacking['content']))} is not sent", all_described(answers))
