"""The verdict on what has passed: the history checker's on the server, the schemas' on the clients."""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatproof_conformance.clients.judging.sent import wire_wrongs
from chatproof_conformance.clients.judging.story import Wrong, read_story
from chatproof_conformance.peers.evidence import Evidence
from chatproof_conformance.replay.recordings import (
    judge_recording,
    requirement_result,
    selected_rows,
    whole_evidence,
)
from chatproof_conformance.report.summary import Summary
from chatproof_conformance.tap.link import CUT
from chatproof_conformance.verdicts import (
    CaseResult,
    Finding,
    RequirementResult,
    Verdict,
    exit_code,
    judge_requirements,
)
from chatproof_schemas.transcript import Event, Kind, Transcript

CLIENT_IDS = ("CLIENT-1", "CLIENT-2")
"""What can be seen of a client on the wire; the rest its screen shows."""


@dataclass(frozen=True, slots=True)
class TapSummary(Summary):
    """A tap's run, without the requirements that nothing put to the test.

    Attributes:
        record: the file that holds what passed, None where there is none.
        untested: how many requirements are left out.
    """

    record: Path | None = None
    untested: int = 0

    @property
    def subject(self) -> str:
        """What was judged."""
        return "What passed"

    def repeat_command(self, finding: Finding) -> str:
        """Return the command line that judges the record again."""
        if self.record is None:
            return "give --record FILE, and what shows it is kept"
        if finding.requirement in CLIENT_IDS:
            return f"chatproof validate {shlex.quote(str(self.record))}"
        return f"chatproof check --transcript {shlex.quote(str(self.record))} {finding.requirement}"


def judge_tapped(
    recorded: Transcript, *, sides: Sequence[str], strict: bool, seconds: float, record: Path | None
) -> TapSummary:
    """Judge what was recorded.

    Args:
        recorded: what passed.
        sides: who is judged: ``server``, ``client`` or both.
        strict: whether a broken SHOULD makes the run fail.
        seconds: how long it took.
        record: the file that holds it, None where there is none.
    """
    judged: list[RequirementResult] = []
    whole = CaseResult("recording", "", ())
    if "server" in sides:
        judgement = judge_recording(recorded)
        judged += [requirement_result(row, judgement, recorded) for row in selected_rows(())]
        whole = replace(whole, evidence=whole_evidence(judgement))
    if "client" in sides:
        judged += judge_requirements(_clients(recorded), CLIENT_IDS)
    tested = [result for result in judged if result.verdict is not Verdict.NOT_TESTED]
    code = exit_code(judged, strict=strict)
    untested = len(judged) - len(tested)
    return TapSummary(tested, (whole,), code, seconds, "", None, None, command="tap", record=record, untested=untested)


def _clients(recorded: Transcript) -> list[CaseResult]:
    """Return what the clients' frames show, for each requirement."""
    findings: list[Finding] = []
    seen = Evidence()
    for name, places in _places(recorded.events).items():
        events = [recorded.events[place] for place in places]
        story = read_story([_as_line(event) for event in events] if recorded.framing == "none" else events)
        if any(event.kind is Kind.NOTE and event.data.startswith(CUT.encode()) for event in events):
            story.rest_sent = b""  # what was cut off is the tap's doing
        seen.add(Evidence(deliveries=len(story.sent), frames=len(story.sent)))
        findings += (_finding(wrong, name, places, recorded) for wrong in wire_wrongs(story))
    if not seen.frames:
        return [CaseResult("wire", "", CLIENT_IDS, reason="no client has sent anything", not_tested=True)]
    by_id = {id_: tuple(found for found in findings if found.requirement == id_) for id_ in CLIENT_IDS}
    return [CaseResult("wire", "", (id_,), found, evidence=seen) for id_, found in by_id.items()]


def _places(events: Sequence[Event]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        if event.connection:
            found[event.connection].append(place)
    return found


def _as_line(event: Event) -> Event:
    return replace(event, data=event.data + b"\n") if event.kind is Kind.SENT else event


def _finding(wrong: Wrong, name: str, places: Sequence[int], recorded: Transcript) -> Finding:
    place = places[-1 if wrong.at is None else wrong.at] + 1
    expected = f"{wrong.expected} at {name}"
    return Finding(wrong.requirement, f"event {place}", expected, wrong.actual, events=recorded.events[:place])


def described_findings(summary: Summary) -> Iterator[dict[str, str]]:
    """Yield each finding as members for a program."""
    for result in summary.judged:
        for finding in result.findings:
            yield {
                "requirement": finding.requirement,
                "level": result.requirement.level.value,
                "expected": finding.expected,
                "actual": finding.actual,
                "at": finding.case,
            }
