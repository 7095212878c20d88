"""What a recording of a server shows of the clients that talked to it: their frames, judged by the schemas."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import CaseResult
from chatproof_conformance.judges.client.client_history import read_client_history
from chatproof_conformance.judges.client.sent import wire_findings
from chatproof_conformance.wire.notes import CUT
from chatproof_schemas.transcript import Event, Kind, Transcript

CLIENT_IDS = ("CLIENT-1", "CLIENT-2")
"""What can be seen of a client on the wire; the rest its screen shows."""
_CASE = "wire"


def judge_clients(recorded: Transcript) -> list[CaseResult]:
    """Return what the clients' frames show, for each requirement."""
    findings: list[Finding] = []
    seen = Evidence()
    for name, places in _places(recorded.events).items():
        events = [recorded.events[place] for place in places]
        history = read_client_history([_as_line(event) for event in events] if recorded.framing == "none" else events)
        if any(event.kind is Kind.NOTE and event.data.startswith(CUT.encode()) for event in events):
            history.rest_sent = b""  # what was cut off is the tap's doing
        seen.add(Evidence(deliveries=len(history.sent), frames=len(history.sent)))
        findings += (_placed(wrong, name, places, recorded) for wrong in wire_findings(history))
    reason = "" if seen.frames else "no client has sent a whole frame"
    by_id = {id_: tuple(found for found in findings if found.requirement == id_) for id_ in CLIENT_IDS}
    return [
        CaseResult(_CASE, "", (id_,), found, reason, not_tested=bool(reason), evidence=seen)
        for id_, found in by_id.items()
    ]


def _places(events: Sequence[Event]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        if event.connection:
            found[event.connection].append(place)
    return found


def _as_line(event: Event) -> Event:
    return replace(event, data=event.data + b"\n") if event.kind is Kind.CLIENT_DATA else event


def _placed(wrong: Finding, name: str, places: Sequence[int], recorded: Transcript) -> Finding:
    """Return a finding at a connection whose events stand at ``places``, with its place in the whole recording."""
    event = None if wrong.event is None else places[wrong.event]
    place = (places[-1] if event is None else event) + 1
    return replace(wrong, case=f"event {place}", connection=name, event=event, events=recorded.events[:place])
