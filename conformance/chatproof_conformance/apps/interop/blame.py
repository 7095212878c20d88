"""Says from the recording of a chat who broke what: the server by all that passed, each client by its connections."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chatproof_conformance.apps.interop.chat.participant import Participant
from chatproof_conformance.apps.interop.chat.room import Room
from chatproof_conformance.apps.interop.chat.visit import Visit, read_line
from chatproof_conformance.apps.interop.manifest import Party
from chatproof_conformance.apps.interop.outcome import Breach
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.verdicts import RunResult, Verdict
from chatproof_conformance.judges.client import find_culprit, judge_client
from chatproof_conformance.judges.recordings import examine_recording, selected_rows
from chatproof_schemas.transcript import Event, Kind

_CLIENT_ENDS = (Kind.HALF_CLOSE, Kind.CLOSE, Kind.RESET)
_SERVER_ENDS = (Kind.SERVER_CLOSE, Kind.SERVER_RESET)
_OF_REQUEST = {
    "connect": "CLIENT-1",
    "join": "CLIENT-6",
    "say": "CLIENT-14",
    "say_privately": "CLIENT-14",
    "leave": "CLIENT-16",
}
"""What a client breaks that dies of a request, if nothing else is known."""


def judge_server(room: Room, before: int | None, party: Party, death: str | None) -> tuple[list[Breach], list[str]]:
    """Return what the server broke, and the ids of what it was seen to keep.

    Args:
        room: where the chat took place.
        before: the place in the recording up to which it is judged.
        party: the server.
        death: how its process ended before it was to; None if it did not.
    """
    events = room.events_of_server(before)
    recorded = replace(room.transcript, events=list(events), settled=True)
    result = examine_recording(recorded, selected_rows(()))
    breaches = [Breach(party, finding, finding.connection or "") for finding in _findings_of_server(result)]
    if death is not None:
        found = Finding("LEAVE-7", "the server to run on, and no connection to be ended", death, events=events)
        breaches = [Breach(party, replace(one.finding, last_words=death)) for one in breaches] or [Breach(party, found)]
    kept = [row.requirement.id for row in result.judged if row.verdict is Verdict.PASS]
    return breaches, kept


def judge_participant(who: Participant) -> Iterator[Breach]:
    """Yield what a client broke, on each of its connections."""
    for visit in who.visits:
        is_last = visit is who.visit
        if is_last and who.crash is not None:
            yield Breach(who.party, _death(visit, who.crash), visit.label)
        elif visit.label:
            yield from (Breach(who.party, finding, visit.label) for finding in _findings_of_client(visit))
            if _sent_nothing(visit):
                found = Finding("CLIENT-1", "a valid join as the first frame", "nothing", connection=visit.label)
                yield Breach(who.party, replace(found, events=tuple(visit.events)), visit.label)
        elif not who.unreachable and not visit.has_told("unsupported"):
            told = "; ".join(str(event.get("reason") or event.get("event")) for event in visit.told) or "nothing"
            yield Breach(who.party, Finding("CLIENT-1", "the client to connect", told, events=tuple(visit.events)))


def _findings_of_server(result: RunResult) -> list[Finding]:
    return [finding for row in result.judged if role_of(row.requirement) is Role.SERVER for finding in row.findings]


def _findings_of_client(visit: Visit) -> Iterator[Finding]:
    """Yield what is wrong at the moments at which nothing more was on its way, and at the end; each once."""
    seen: set[tuple[str, str, str]] = set()
    for end in (*visit.settled_at, len(visit.events)):
        events = visit.events[:end]
        for finding in judge_client(events).findings:
            key = (finding.requirement, finding.expected, finding.actual)
            if key not in seen and not _said_before(finding, seen):
                yield replace(finding, connection=visit.label, events=tuple(events))
            seen.add(key)


def _said_before(finding: Finding, seen: set[tuple[str, str, str]]) -> bool:
    """Whether the same is said of it as before: what was reported since is only more of it."""
    return any(finding.requirement == id_ and finding.expected == expected for id_, expected, _ in seen)


def _sent_nothing(visit: Visit) -> bool:
    """Whether a client has sent nothing by the time it was waited for, and the server has not ended the connection."""
    kinds = [event.kind for event in visit.events[: visit.settled_at[0] if visit.settled_at else None]]
    ended_first = next((kind for kind in kinds if kind in (*_CLIENT_ENDS, *_SERVER_ENDS)), None)
    return Kind.CLIENT_DATA not in kinds and ended_first not in _SERVER_ENDS


def _death(visit: Visit, how: str) -> Finding:
    events = tuple(visit.events)
    requests = [read_line(event.data).get("do") for event in events if event.kind is Kind.REQUEST]
    is_of_frame = any(event.kind is Kind.SERVER_DATA for event in _since_last_request(visit))
    last = "CLIENT-3" if is_of_frame or not requests else _OF_REQUEST.get(str(requests[-1]), "CLIENT-3")
    requirement = find_culprit(events) or last
    label = visit.label or None
    return Finding(requirement, "the client to go on", how, connection=label, events=events)


def _since_last_request(visit: Visit) -> Sequence[Event]:
    places = [place for place, event in enumerate(visit.events) if event.kind is Kind.REQUEST]
    return visit.events[places[-1] :] if places else visit.events
