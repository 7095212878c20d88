"""What a conversation puts to the test, by requirement: what could have gone wrong in it, and did not."""

from collections import Counter

from chatproof_conformance.endpoints.served.player import OPENING, Played
from chatproof_conformance.judges.client.client_history import decoded, read_client_history
from chatproof_conformance.judges.client.expected_displays import DisplayKind, find_expected_displays
from chatproof_conformance.space.conversation.script import BY_USER

_SHOWN = ("CLIENT-3", "CLIENT-10", "CLIENT-11", "CLIENT-12")


def evidence_of(played: Played) -> Counter[str]:
    """Return how often each requirement was put to the test by a conversation, up to where it failed."""
    history = read_client_history(enumerate(played.events))
    seen: Counter[str] = Counter()
    if not history.sent or played.failed == OPENING:
        return seen
    displays = find_expected_displays(history)
    seen["CLIENT-1"] += 1
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
    said = [line for line in history.sent if decoded(line.data).get("type") in ("message", "private_message")]
    asked = [request for _, request in history.requests if request.get("do") in ("say", "say_privately")]
    for id_ in ("CLIENT-14", "CLIENT-15"):
        seen[id_] += len(said)
    seen["CLIENT-2"] += len(asked)
    seen["CLIENT-7"] += history.server_end is not None
    seen["CLIENT-16"] += played.script.end in BY_USER and history.client_end is not None
    over = next((at for at, event in history.driver_events if event.get("event") == "disconnected"), None)
    if over is not None and not history.driver_ended:
        seen["CLIENT-17"] += sum(at > over for at, request in history.requests if request.get("do") != "connect")
    return +seen
