"""What a client's traffic puts to the test, by requirement: what could have gone wrong in it."""

from collections import Counter
from collections.abc import Sequence

from chatproof_conformance.judges.client.client_history import ClientHistory, decoded
from chatproof_conformance.judges.client.expected_displays import DisplayKind, ExpectedDisplay
from chatproof_schemas.transcript import Kind

_SHOWN = ("CLIENT-3", "CLIENT-10", "CLIENT-11", "CLIENT-12")
_SAID = ("say", "say_privately")


def count_evidence(history: ClientHistory, displays: Sequence[ExpectedDisplay]) -> Counter[str]:
    """Return how often each requirement was put to the test."""
    seen: Counter[str] = Counter()
    for display in displays:
        match display.kind:
            case DisplayKind.PROBLEM | DisplayKind.EITHER:
                seen["CLIENT-4"] += 1
            case DisplayKind.FAILED:
                seen["CLIENT-9"] += 1
            case DisplayKind.SHOWN | DisplayKind.ERROR:
                seen.update(_SHOWN)
            case DisplayKind.IGNORED:
                pass
        seen["CLIENT-5"] += display.requirement == "CLIENT-5"
        seen["CLIENT-6"] += display.refusal
        seen["CLIENT-8"] += display.own
    seen["CLIENT-13"] += history.joins_taken
    _count_sent(history, seen)
    return +seen


def _count_sent(history: ClientHistory, seen: Counter[str]) -> None:
    said = 0
    for line in history.sent:
        kind = decoded(line.data).get("type")
        said += kind in ("message", "private_message")
        seen["CLIENT-1"] += kind == "join"
    asked = [(at, request.get("do")) for at, request in history.requests]
    for id_ in ("CLIENT-14", "CLIENT-15"):
        seen[id_] += said
    seen["CLIENT-2"] += sum(do in _SAID for _, do in asked)
    seen["CLIENT-7"] += history.server_end is not None
    left = any(do == "leave" for _, do in asked)
    seen["CLIENT-16"] += left and history.client_end is not None and history.client_end[1] is Kind.CLOSE
    over = next((at for at, event in history.driver_events if event.get("event") == "disconnected"), None)
    if over is not None and not history.driver_ended:
        seen["CLIENT-17"] += sum(at > over and do in _SAID for at, do in asked)
