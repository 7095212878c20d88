"""Judges a recording with no server there: ``chatproof check --transcript``, and ``chatproof tap`` at its end."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.situations import Situations
from chatproof_conformance.core.text import listed
from chatproof_conformance.core.verdicts import CaseResult, RequirementResult, RunResult, Verdict, judge_requirements
from chatproof_conformance.judges import server
from chatproof_conformance.judges.recorded_clients import CLIENT_IDS, judge_clients
from chatproof_conformance.judges.server.situations import planned_cells
from chatproof_conformance.judges.unended_frames import served_without_lf
from chatproof_conformance.wire.notes import Notes, read_notes
from chatproof_schemas import Level, Requirement, requirements, sections
from chatproof_schemas.transcript import Event, Transcript

UNSETTLED = "  It may end before everything had arrived: only what it proves to be lost counts as missing."
"""What is said of a recording that is not settled."""
_NOTHING = "the recording holds nothing that could break it"


def examine_recording(recorded: Transcript, rows: Sequence[Requirement]) -> RunResult:
    """Return what a recording of a server says of requirements: of the server by its history, of clients by frames."""
    of_server: list[RequirementResult] = []
    seen, situations = Evidence(), Situations(planned_cells(stopping=False))
    if any(role_of(row) is Role.SERVER for row in rows):
        served = served_without_lf(recorded.events, recorded.framing)
        judgement = _judge(recorded, served.events)
        situations.reached.update(judgement.situations)
        of_server = [_result(row, judgement, recorded) for row in rows if role_of(row) is Role.SERVER]
        if not judgement.findings:
            of_server = [_doubted(result, read_notes(recorded.events)) for result in of_server]
        if not served.is_certain:
            of_server = [_open(result, served.connections) for result in of_server]
        seen = Evidence(judgement.deliveries, judgement.silences, judgement.evidence.get("FRAME-1", 0))
    of_clients: list[RequirementResult] = []
    if ids := [row.id for row in rows if role_of(row) is Role.CLIENT]:
        by_client = judge_clients(recorded)
        seen = seen if of_server else by_client[0].evidence
        of_clients = judge_requirements(by_client, ids)
    cases = (CaseResult("recording", "", (), evidence=seen),)
    # What a client does wrong may be the cause of all that seems wrong with the server.
    return RunResult((*of_clients, *of_server), cases, situations=situations)


def judge_recording(recorded: Transcript) -> server.Judgement:
    """Return what a recording breaks and proves."""
    return _judge(recorded, served_without_lf(recorded.events, recorded.framing).events)


def _judge(recorded: Transcript, events: Sequence[Event]) -> server.Judgement:
    return server.judge(events, framing=recorded.framing, settled=recorded.settled, started=recorded.started)


def selected_rows(words: Collection[str]) -> list[Requirement]:
    """Return the requirements that words name by section or id; without words, all those of a server.

    Raises:
        ValueError: if a word names none, or one of a client that no wire shows.
    """
    wanted = {word.upper() for word in words} or {row.section for row in requirements().values() if row.of == "server"}
    unknown = wanted - set(sections()) - set(requirements())
    if unknown:
        raise ValueError(f"a recording is judged by sections and requirements; none is called {', '.join(unknown)}")
    unseen = [row.id for row in requirements().values() if role_of(row) is Role.CLIENT and row.id not in CLIENT_IDS]
    if wanted & set(unseen):
        raise ValueError(f"a client's screen shows {', '.join(unseen)}; a recording shows {' and '.join(CLIENT_IDS)}")
    rows = [row for row in requirements().values() if row.id not in unseen]
    return [row for row in rows if row.id in wanted or row.section in wanted]


def _result(row: Requirement, judgement: server.Judgement, recorded: Transcript) -> RequirementResult:
    """Return what a judgement says of one requirement."""
    findings = tuple(_placed(found, recorded) for found in judgement.findings if found.requirement == row.id)
    checks = judgement.evidence.get(row.id, 0)
    if findings:
        verdict, reason = (Verdict.FAIL if row.level is Level.MUST else Verdict.WARNING), ""
    else:
        verdict, reason = (Verdict.PASS, "") if checks else (Verdict.NOT_TESTED, _NOTHING)
    return RequirementResult(row, verdict, findings, reason, Evidence(deliveries=checks), ())


def _doubted(result: RequirementResult, notes: Notes | None) -> RequirementResult:
    """Return no pass for what a case saw broken, as the recording's notes say, and the judge does not see."""
    if notes is None or notes.requirement != result.requirement.id:
        return result
    reason = f"it was seen broken live ({notes.case}); a recording does not show that"
    return replace(result, verdict=Verdict.INCONCLUSIVE, reason=reason)


def _open(result: RequirementResult, connections: Sequence[str]) -> RequirementResult:
    """Return no failure of a server for what it may have read in another way than it was sent."""
    if not result.findings:
        return result
    reason = f"{listed(list(connections))} sent objects with no LF (CLIENT-2), so nobody can say what the server read"
    return replace(result, verdict=Verdict.INCONCLUSIVE, findings=(), reason=reason)


def _placed(found: Finding, recorded: Transcript) -> Finding:
    """Return a finding with its place in the recording as its case, and the traffic up to there."""
    place = len(recorded.events) if found.event is None else found.event + 1
    return replace(found, case=f"event {place}", events=recorded.events[:place])
