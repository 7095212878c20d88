"""The judgement of one connection: what is wrong, and what the verdict rests on."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.judges.client.client_history import read_client_history
from chatproof_conformance.judges.client.evidence import count_evidence
from chatproof_conformance.judges.client.expected_displays import find_expected_displays, has_unknown_members
from chatproof_conformance.judges.client.joins import join_findings
from chatproof_conformance.judges.client.leaving import end_findings, false_end, left_unasked
from chatproof_conformance.judges.client.sent import SentFramesJudge
from chatproof_conformance.judges.client.shown import DisplaysJudge
from chatproof_schemas.transcript import Event


@dataclass(frozen=True, slots=True)
class ClientJudgement:
    """What a client made of one connection.

    Attributes:
        findings: what is wrong, the most telling first.
        may_come: whether all that is wrong is what has not come yet and still may.
        evidence: what was right and could have been wrong.
        username: the name under which it is joined at the end, None if it is not.
        tested: by requirement, how often it was put to the test.
    """

    findings: tuple[Finding, ...]
    may_come: bool
    evidence: Evidence
    username: str | None
    tested: Counter[str] = field(default_factory=Counter)


def judge_client(
    events: Sequence[Event],
    username: str | None = None,
    unescaped: Collection[str] = (),
    *,
    tells_joined: bool = False,
) -> ClientJudgement:
    """Judge one connection.

    Args:
        events: what happened; they begin with its opening, or where everything before it has been judged.
        username: the name under which the client had joined before them.
        unescaped: the characters beyond ASCII that it has been seen to write as they are.
        tells_joined: whether its driver has been seen to tell that the client has joined, as it then must each time.
    """
    history = read_client_history(enumerate(events), username)
    shown = DisplaysJudge(history)
    joined_before, undelivered = username is not None, shown.undelivered
    sent = SentFramesJudge(history, joined_before=joined_before, unescaped=unescaped, undelivered=undelivered)
    findings = (
        *false_end(history),
        *sent.findings(),
        *join_findings(history, shown.displays, tells_joined=tells_joined),
        *left_unasked(history, shown.displays),
        *shown.findings(),
        *end_findings(history, sent),
    )
    evidence = Evidence(shown.deliveries + sent.asked, shown.silences, len(history.sent))
    may_come = all(not finding.frames for finding in findings)
    tested = count_evidence(history, shown.displays)
    return ClientJudgement(findings, may_come, evidence, history.username, tested)


def find_culprit(events: Sequence[Event]) -> str | None:
    """Return the requirement that a client breaks by dying of these events; None if nothing special happened."""
    history = read_client_history(enumerate(events))
    displays = find_expected_displays(history)
    if any(display.requirement == "CLIENT-4" for display in displays):
        return "CLIENT-4"
    if any(has_unknown_members(display.message) for display in displays):
        return "CLIENT-5"
    if history.server_end is not None:
        return "CLIENT-7"
    special = [display.requirement for display in displays if display.requirement != "CLIENT-3"]
    return special[-1] if special else None
