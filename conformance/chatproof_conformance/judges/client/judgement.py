"""The judgement of one connection: what is wrong, and what the verdict rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import quoted
from chatproof_conformance.judges.client.client_history import ClientHistory, decoded, read_client_history
from chatproof_conformance.judges.client.expected_displays import find_expected_displays
from chatproof_conformance.judges.client.sent import SentFramesJudge
from chatproof_conformance.judges.client.shown import DisplaysJudge
from chatproof_conformance.judges.client.wording import all_described
from chatproof_schemas.transcript import Event

_NOT_JOINED = "a client whose join was refused not to take itself for joined"
_JOINED_ONCE = "a client to take itself for joined once for each join that the server takes"


@dataclass(frozen=True, slots=True)
class ClientJudgement:
    """What a client made of one connection.

    Attributes:
        findings: what is wrong, the most telling first.
        may_come: whether all that is wrong is what has not come yet and still may.
        evidence: what was right and could have been wrong.
        username: the name under which it is joined at the end, None if it is not.
    """

    findings: tuple[Finding, ...]
    may_come: bool
    evidence: Evidence
    username: str | None


def judge_client(events: Sequence[Event], username: str | None = None) -> ClientJudgement:
    """Judge one connection.

    Args:
        events: what happened; they begin with its opening, or where everything before it has been judged.
        username: the name under which the client had joined before them.
    """
    history = read_client_history(enumerate(events), username)
    shown = DisplaysJudge(history)
    sent = SentFramesJudge(history, joined_before=username is not None)
    findings = (*sent.findings(), *_taken_for_joined(history, shown), *shown.findings(), *_end(history))
    evidence = Evidence(shown.deliveries + sent.asked, shown.silences, len(history.sent))
    return ClientJudgement(findings, findings == tuple(sent.unanswered()), evidence, history.username)


def find_culprit(events: Sequence[Event]) -> str | None:
    """Return the requirement that a client breaks by dying of these events; None if nothing special happened."""
    history = read_client_history(enumerate(events))
    displays = find_expected_displays(history)
    if any(display.requirement == "CLIENT-4" for display in displays):
        return "CLIENT-4"
    if history.server_end is not None:
        return "CLIENT-7"
    special = [display.requirement for display in displays if display.requirement != "CLIENT-3"]
    return special[-1] if special else None


def _taken_for_joined(history: ClientHistory, shown: DisplaysJudge) -> Iterator[Finding]:
    """Yield a client that takes itself for joined after its join was refused, or at what is no notice of its join."""
    refusals = [display for display in shown.displays if display.refusal]
    joins = sum(decoded(line.data).get("type") == "join" for line in history.sent)
    undecided = joins - history.joins_taken - len(refusals)
    joined = history.reported("joined")
    if len(joined) > history.joins_taken + undecided:
        broken, expected = ("CLIENT-6", _NOT_JOINED) if refusals else ("CLIENT-13", _JOINED_ONCE)
        yield history.finding(broken, expected, all_described(joined), joined)
    if not refusals:
        return
    known = refusals[-1].shown_at
    after = [line for line in history.sent if known is not None and line.at > known]
    asked = [at for at, request in history.requests if known is not None and at > known and request["do"] != "join"]
    first = after[0] if after else None
    if first is not None and decoded(first.data).get("type") != "join" and asked and first.at > asked[0]:
        actual = f"it sends {quoted(first.data.decode('utf-8', 'replace'))}"
        yield Finding("CLIENT-6", _NOT_JOINED, actual, event=first.at, frames=(first.data,))


def _end(history: ClientHistory) -> Iterator[Finding]:
    """Yield a client that does not notice the end of its connection, or tells it more than once."""
    ends = history.reported("disconnected")
    if len(ends) > 1:
        yield history.finding("CLIENT-7", "the end of a connection to be told once", all_described(ends), ends)
    if history.server_end is None or (history.client_end is not None and history.client_end[0] < history.server_end[0]):
        return
    if not ends:
        later = [event for at, event in history.driver_events if at > history.server_end[0]]
        yield Finding("CLIENT-7", "the end of the connection to be shown", all_described(later))
