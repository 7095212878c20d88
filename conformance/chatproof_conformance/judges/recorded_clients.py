"""What a recording of a server shows of the clients that talked to it: their frames, judged by the schemas."""

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.verdicts import CaseResult
from chatproof_conformance.judges.client.client_history import read_client_history
from chatproof_conformance.judges.client.sent import wire_findings
from chatproof_conformance.wire.notes import CUT
from chatproof_schemas.transcript import Event, Kind, Transcript

if TYPE_CHECKING:
    from chatproof_conformance.core.findings import Finding

CLIENT_IDS = ("CLIENT-1", "CLIENT-2")
"""What can be seen of a client on the wire; the rest its screen shows."""
_CASE = "wire"
_HINT = "(a client of the original kind sends none: tap it with --framing none)"


def _with_lf(event: Event) -> Event:
    """Return a frame of a client that ends none, ended; an LF in it is white space, or wrong as any other character."""
    return replace(event, data=event.data.replace(b"\n", b"\r") + b"\n")


def judge_clients(recorded: Transcript) -> list[CaseResult]:
    """Return what the clients' frames show, for each requirement."""
    connections: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for at, event in enumerate(recorded.events):
        if event.connection:
            is_frame = recorded.framing == "none" and event.kind is Kind.CLIENT_DATA
            connections[event.connection].append((at, _with_lf(event) if is_frame else event))
    findings: dict[str, list[Finding]] = {id_: [] for id_ in CLIENT_IDS}
    seen = Evidence()
    for name, events in connections.items():
        history = read_client_history(events)
        if any(event.kind is Kind.NOTE and event.data.startswith(CUT.encode()) for _, event in events):
            history.rest_sent = b""  # what was cut off is the tap's doing
        seen.add(Evidence(deliveries=len(history.sent), frames=len(history.sent)))
        for found in wire_findings(history):
            end = (events[-1][0] if found.event is None else found.event) + 1
            if found.frames == (history.rest_sent,) and not history.sent:
                found = replace(found, expected=f"{found.expected} {_HINT}")  # noqa: PLW2901  the same, and what helps
            placed = replace(found, case=f"event {end}", connection=name, events=recorded.events[:end])
            findings[found.requirement].append(placed)
    reason = "" if seen.frames else "no client has sent a whole frame"
    return [
        CaseResult(_CASE, "", (id_,), tuple(found), reason, not_tested=bool(reason), evidence=seen)
        for id_, found in findings.items()
    ]
