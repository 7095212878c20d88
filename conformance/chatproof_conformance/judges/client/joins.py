"""Judges how a client joins: a join first, under the name that its user gave, and for joined when that is taken."""

import json
from collections.abc import Iterator

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import quoted, shown_frame
from chatproof_conformance.judges.client.client_history import ClientHistory, RawLine, decoded
from chatproof_conformance.judges.client.expected_displays import DriverEvent, ExpectedDisplay
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas import Direction, FrameRefused, read_frame

_NOT_JOINED = "a client whose join was refused not to take itself for joined"
_JOINED_ONCE = "a client to take itself for joined once for each join that the server takes"
_EXCUSES = ("unsupported", "invalid_request")
_TELL_REFUSALS = ("refused", "shown", "disconnected")
_REFUSALS = ("refused", "failed", "disconnected")


def is_valid_name(name: object) -> bool:
    """Return whether a join under a name is a valid message."""
    try:
        read_frame(json.dumps({"type": "join", "username": name}).encode(), Direction.CLIENT)
    except FrameRefused:
        return False
    return True


def join_findings(
    history: ClientHistory, displays: list[ExpectedDisplay], *, tells_joined: bool = False
) -> Iterator[Finding]:
    """Yield what is wrong with how a client joins, or takes itself for joined, which it tells if ``tells_joined``."""
    yield from _taken_for_joined(history, displays)
    if tells_joined:
        yield from _not_taken_for_joined(history)
    yield from _names(history)


def _names(history: ClientHistory) -> Iterator[Finding]:
    """Yield joins under other names than asked for, and names that are valid and not joined under."""
    asked = [(at, one) for at, one in history.requests if one.get("do") in ("connect", "join")]
    joins = [line for line in history.sent if decoded(line.data).get("type") == "join"]
    for place, (at, request) in enumerate(asked):
        until = asked[place + 1][0] if place + 1 < len(asked) else len(history.driver_lines) + 1_000_000
        mine = [line for line in joins if at < line.at < until]
        told = [event for when, event in history.driver_events if at < when < until]
        if mine:
            yield from _other_name(mine[0], request)
        elif is_valid_name(request.get("username")):
            yield from _absent(history, request, at, told)


def _other_name(line: RawLine, request: DriverEvent) -> Iterator[Finding]:
    wanted, given = request.get("username"), decoded(line.data).get("username")
    if wanted != given and is_valid_name(wanted):
        actual = f"one as {quoted(str(given))}"
        yield Finding("CLIENT-14", f"a join as {quoted(str(wanted))}", actual, event=line.at, frames=(line.data,))


def _absent(history: ClientHistory, request: DriverEvent, at: int, told: list[DriverEvent]) -> Iterator[Finding]:
    """Yield that no join under a valid name came, if nothing excuses that."""
    if any(event.get("event") in _EXCUSES for event in told):
        return
    ended = history.server_end or history.client_end
    if request.get("do") == "join" and ((ended and ended[0] < at) or not _is_refused(history, at)):
        return
    if history.server_end is not None and history.server_end[0] > at:  # before it could be asked for
        return
    refused = [event for event in told if event.get("event") in _REFUSALS]
    name = quoted(str(request.get("username")))
    if any(event.get("event") != "disconnected" for event in refused):
        expected = f"a join as {name}, which is valid"
        yield history.finding("CLIENT-15", expected, all_described(refused), refused)
    elif request.get("do") == "join":
        yield Finding("CLIENT-14", f"another join, as {name}", all_described(told))
    elif not history.opened:
        yield Finding("CLIENT-1", "the client to connect", f"the driver told {all_described(told)}")
    elif not history.sent:
        yield from _no_first_frame(history)


def _no_first_frame(history: ClientHistory) -> Iterator[Finding]:
    if history.rest_sent.strip():
        rest = history.rest_sent
        yield Finding("CLIENT-2", "an LF after every frame", f"{shown_frame(rest)} with none", frames=(rest,))
    else:
        state = "the connection was ended" if history.client_end else "the connection is open"
        yield Finding("CLIENT-1", "a valid join as the first frame", f"nothing; {state}")


def _is_refused(history: ClientHistory, at: int) -> bool:
    """Whether the server had refused a join before a place and taken none, and the client knew of it."""
    taken = history.joined_at is not None and history.joined_at < at
    told = any(when < at and one.get("event") in _TELL_REFUSALS for when, one in history.driver_events)
    refused = any(decoded(line.data).get("type") == "error" for line in history.received if line.at < at)
    return refused and told and not taken


def _not_taken_for_joined(history: ClientHistory) -> Iterator[Finding]:
    """Yield a client that does not take itself for joined although the server has taken its join, and all stands."""
    is_over = history.server_end or history.client_end or history.driver_ended or history.left is not None
    if not is_over and len(history.reported("joined")) < history.joins_taken:
        yield Finding("CLIENT-13", _JOINED_ONCE, "nothing that tells it")


def _taken_for_joined(history: ClientHistory, displays: list[ExpectedDisplay]) -> Iterator[Finding]:
    """Yield a client that takes itself for joined after its join was refused, or at what is no notice of its join."""
    refusals = [display for display in displays if display.refusal]
    joins = sum(decoded(line.data).get("type") == "join" for line in history.sent)
    undecided = joins - history.joins_taken - len(refusals)
    joined = [(at, event) for at, event in history.driver_events if event.get("event") == "joined"]
    early = [event for at, event in joined if history.joined_at is None or at < history.joined_at]
    broken, expected = ("CLIENT-6", _NOT_JOINED) if refusals else ("CLIENT-13", _JOINED_ONCE)
    if early or len(joined) > history.joins_taken + undecided:
        events = [event for _, event in joined]
        yield history.finding(broken, expected, all_described(events), early or events)
    if not refusals:
        return
    known = refusals[-1].shown_at
    first = next((line for line in history.sent if known is not None and line.at > known), None)
    if first is not None and decoded(first.data).get("type") in ("message", "private_message"):
        actual = f"it sends {quoted(first.data.decode('utf-8', 'replace'))}"
        yield Finding("CLIENT-6", _NOT_JOINED, actual, event=first.at, frames=(first.data,))
