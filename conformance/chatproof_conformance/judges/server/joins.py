"""Joins: every refusal needs a holder of the name, and no name has two (JOIN-1 to JOIN-8, LEAVE-4)."""

from itertools import combinations

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.history import RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members, similar
from chatproof_conformance.judges.server.refusals import wrong_refusal_requirement
from chatproof_conformance.judges.server.responses import Responses
from chatproof_conformance.judges.server.server_frames import JOINED, MessageKind

TAKEN = "Username already taken"


def judge_joins(
    connections: list[RecordedConnection], members: Members, responses: Responses, collector: FindingCollector
) -> None:
    """Judge each accepted, refused and unanswered join."""
    for member in members.of.values():
        _judge_notice(member, collector)
    for sent in responses.refused_joins:
        _judge_refusal(sent, connections, members, responses, collector)
    for sent in responses.unanswered_joins:
        name = sent.reading.messages[0].name
        held = any(holder.certain(sent.at, sent.at) for holder in members.holders(name, sent.at, sent.at + 1))
        requirement = "JOIN-4" if held else wrong_refusal_requirement(sent)
        collector.report_unanswered(requirement, sent, f"an answer to the join {quoted(name)}")
    for name, holders in members.by_name.items():
        for one, other in combinations(holders, 2):
            _judge_two_holders(name, one, other, collector)


def _judge_notice(member: Member, collector: FindingCollector) -> None:
    name, notice = member.name, member.connection.notice
    if notice is None:
        return
    collector.deliveries += 1
    collector.evidence.update(("JOIN-1", "JOIN-3"))
    if name not in notice.frame.text:
        expected = f"a system message that names {quoted(name)} in answer to its join"
        collector.report_received("JOIN-1", notice, expected, f"system {quoted(notice.frame.text)}")
    elif notice.frame.kind is not MessageKind.JOINED or notice.frame.name != name:
        expected = f"the join notice {quoted(name + JOINED)}"
        collector.report_received("JOIN-3", notice, expected, f"system {quoted(notice.frame.text)}")


def _judge_refusal(
    sent: SentFrame,
    connections: list[RecordedConnection],
    members: Members,
    responses: Responses,
    collector: FindingCollector,
) -> None:
    name, answer = sent.reading.messages[0].name, sent.answer
    if answer is None or answer.frame.message.get("code") == "server_full":
        return
    holders = members.holders(name, sent.at, answer.at)
    if not holders and name not in members.strangers:
        requirement = _wrong_refusal(sent, name, connections, members, responses)
        expected = f"that the join {quoted(name)} succeeds: nobody can have held the name"
        collector.report_received(requirement, answer, expected, f"error {quoted(answer.frame.text)}")
        return
    collector.evidence.update(("JOIN-4", "JOIN-5"))
    if any(holder.joined > sent.at for holder in holders):
        collector.evidence["JOIN-6"] += 1
    if answer.frame.text != TAKEN:
        expected = f"the error {quoted(TAKEN)} in answer to the join {quoted(name)}"
        collector.report_received("JOIN-5", answer, expected, f"error {quoted(answer.frame.text)}")


def _wrong_refusal(
    sent: SentFrame, name: str, connections: list[RecordedConnection], members: Members, responses: Responses
) -> str:
    answered = sent.answer.at if sent.answer else sent.at
    rivals = [other for other in responses.refused_joins if other is not sent and other.may_ask(Verb.JOIN, name)]
    if any(other.at < answered and other.answer and other.answer.at > sent.at for other in rivals):
        return "JOIN-6"
    if any(holder.left_by <= sent.at for holder in members.by_name.get(name, ())):
        return "LEAVE-4"
    earlier = [other for other in sent.connection.sent[: sent.number] if other.answer and not other.asked]
    asked_elsewhere = [
        other
        for connection in connections
        for other in connection.sent
        if other.at < answered and other.connection is not sent.connection and other.may_ask(Verb.JOIN, name)
    ]
    if any(other.connection in members.of for other in asked_elsewhere):
        return "JOIN-10"
    if any(similar(name, held) and members.holders(held, sent.at, answered) for held in members.by_name):
        return "JOIN-7"
    requirement = wrong_refusal_requirement(sent)
    if requirement == "JOIN-1" and earlier:
        refused = earlier[-1]
        return "JOIN-5" if refused in responses.refused_joins else refused.reading.requirement or "JOIN-9"
    return requirement


def _judge_two_holders(name: str, one: Member, other: Member, collector: FindingCollector) -> None:
    collector.evidence["JOIN-4"] += 1
    both_from = max(one.joined, other.joined)
    if both_from < min(one.left_from, other.left_from):
        at_once = one.asked < other.joined and other.asked < one.joined
        expected = f"one holder of the name {quoted(name)} at a time"
        actual = f"{one.connection.label} and {other.connection.label} both joined under it"
        label = other.connection.label
        collector.report("JOIN-6" if at_once else "JOIN-4", label, expected, actual, both_from)
