"""Joins: every refusal needs a holder of the name, and no name has two (JOIN-1 to JOIN-8, LEAVE-4)."""

import re
from bisect import bisect_left
from collections import defaultdict

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members
from chatproof_conformance.judges.server.refusals import wrong_refusal_requirement
from chatproof_conformance.judges.server.responses import Responses
from chatproof_conformance.judges.server.sent_index import SentIndex, is_unmistakable
from chatproof_conformance.judges.server.server_frames import JOINED, MessageKind

TAKEN = "Username already taken"
_TAKEN_CODE = "username_taken"
_NUMBER = re.compile(r"[0-9]+")
_HINTS = 3
"""After so many attempts a text that comes as often is about them."""
_NEAR = 20
"""How many of the next frames may be about an attempt to join."""


def judge_joins(index: SentIndex, members: Members, responses: Responses, collector: FindingCollector) -> None:
    """Judge each accepted, refused and unanswered join."""
    for member in members.of.values():
        _judge_notice(member, collector)
    members.strangers |= {sent.reading.messages[0].name for sent in responses.unanswered_joins}
    for sent in responses.refused_joins:
        _judge_refusal(sent, index, members, collector)
    _judge_hints(responses.refused_joins, members, collector)
    for sent in responses.unanswered_joins:
        name = sent.reading.messages[0].name
        requirement = "JOIN-4" if members.holders(name, sent.at, sent.by) else wrong_refusal_requirement(sent)
        collector.report_unanswered(requirement, sent, f"an answer to the join {quoted(name)}")
        collector.derail(sent.connection.label, sent.line, sent.at)
    for holders in members.by_name.values():
        there: list[Member] = []
        for holder in sorted(holders, key=lambda member: member.joined):
            there = [one for one in there if one.left_from > holder.joined]
            for one in there:
                _judge_two_holders(one, holder, members, collector)
            there.append(holder)
        collector.evidence["JOIN-4"] += len(holders) - 1


def _judge_notice(member: Member, collector: FindingCollector) -> None:
    name, notice = member.name, member.connection.notice
    if notice is None:
        return
    collector.deliveries += 1
    collector.evidence.update(("JOIN-1", "JOIN-3"))
    if not notice.frame.text:
        return  # FRAME-8 says that it has none
    if name not in notice.frame.text:
        expected = f"a system message that names {quoted(name)} in answer to its join"
        collector.report_received("JOIN-1", notice, expected, f"system {quoted(notice.frame.text)}")
        collector.derail(member.connection.label, member.join.line, notice.at)
    elif notice.frame.kind is not MessageKind.JOINED or notice.frame.name != name:
        expected = f"the join notice {quoted(name + JOINED)}"
        collector.report_received("JOIN-3", notice, expected, f"system {quoted(notice.frame.text)}")


def _judge_refusal(sent: SentFrame, index: SentIndex, members: Members, collector: FindingCollector) -> None:
    name, answer = sent.reading.messages[0].name, sent.answer
    if answer is None or answer.frame.message.get("code") == "server_full":
        return
    holders = members.holders(name, sent.at, answer.at)
    if not holders and name not in members.strangers:
        about_name = answer.frame.message.get("code", _TAKEN_CODE) == _TAKEN_CODE
        requirement = _wrong_refusal(sent, name, index, members) if about_name else wrong_refusal_requirement(sent)
        expected = f"that the join {quoted(name)} succeeds: nobody can have held the name"
        collector.report_received(requirement, answer, expected, f"error {quoted(answer.frame.text)}")
        collector.derail(sent.connection.label, sent.line, answer.at)
        return
    collector.evidence.update(("JOIN-4", "JOIN-5"))
    for holder in holders:
        _judge_silence(sent, holder, members, collector)
    if any(holder.joined > sent.at for holder in holders):
        collector.evidence["JOIN-6"] += 1
    if answer.frame.text != TAKEN:
        expected = f"the error {quoted(TAKEN)} in answer to the join {quoted(name)}"
        collector.report_received("JOIN-5", answer, expected, f"error {quoted(answer.frame.text)}")


def _judge_silence(sent: SentFrame, holder: Member, members: Members, collector: FindingCollector) -> None:
    """Report a system message about its own name to a holder whose name another has just asked for."""
    connection = holder.connection
    place = bisect_left(connection.received, sent.at, key=lambda received: received.at)
    for received in connection.received[place : place + _NEAR]:
        about = received.frame.kind is MessageKind.SYSTEM and members.names_in(received.frame.text) == [holder.name]
        if about and is_unmistakable(holder.name) and received.at > connection.list_until:
            collector.report_received("JOIN-4", received, "that the holder of a name hears of no attempt", cause=sent)


def _judge_hints(refused: list[SentFrame], members: Members, collector: FindingCollector) -> None:
    """Report a text that reaches holders each time that others have asked for their names, and nobody else."""
    attempts: dict[RecordedConnection, list[SentFrame]] = defaultdict(list)
    for sent in sorted(refused, key=lambda sent: sent.at):
        holder = _only_holder(sent, members)
        if holder is not None:
            attempts[holder].append(sent)
    if sum(map(len, attempts.values())) < _HINTS:
        return
    told = {connection: _chatter(connection) for connection in members.of}
    holder = next(iter(attempts))
    for text, heard in told[holder].items():
        if all(_follow(texts.get(text, []), attempts.get(one, [])) for one, texts in told.items()):
            expected = "that the holder of a name hears of no attempt"
            collector.report_received("JOIN-4", heard[0], expected, cause=attempts[holder][0])
            return


def _follow(heard: list[ReceivedFrame], attempts: list[SentFrame]) -> bool:
    pairs = zip(heard, attempts, strict=False)
    return len(heard) == len(attempts) and all(received.at > sent.at for received, sent in pairs)


def _only_holder(sent: SentFrame, members: Members) -> RecordedConnection | None:
    at = sent.answer.at if sent.answer else sent.at
    holders = members.holders(sent.reading.messages[0].name, sent.at, at)
    return holders[0].connection if len(holders) == 1 else None


def _chatter(connection: RecordedConnection) -> defaultdict[str, list[ReceivedFrame]]:
    """Return the system messages of other wordings than notices have, by their texts without numbers."""
    found = defaultdict(list)
    for received in connection.received:
        if received.frame.kind is MessageKind.SYSTEM and received is not connection.notice:
            found[_NUMBER.sub("0", received.frame.text)].append(received)
    return found


def _wrong_refusal(sent: SentFrame, name: str, index: SentIndex, members: Members) -> str:
    answered = sent.answer.at if sent.answer else sent.at
    rivals = [other for other in index.joins(name, answered) if other is not sent and other.is_refused]
    if any(holder.left_by <= sent.at for holder in members.by_name.get(name, ())):
        return "LEAVE-4"
    if any(not other.is_after_join and other.answer and other.answer.at > sent.at for other in rivals):
        return "JOIN-6"
    earlier = [other for other in sent.connection.sent[: sent.number] if other.answer and not other.asked]
    if any(other.is_after_join for other in rivals if other.connection is not sent.connection):
        return "JOIN-10"
    if any(members.holders(held, sent.at, answered) for held in members.similar_to(name)):
        return "JOIN-7"
    requirement = wrong_refusal_requirement(sent)
    if requirement == "JOIN-1" and earlier:
        refused = earlier[-1]
        valid_join = refused.reading.messages and refused.reading.type == "join"
        return "JOIN-5" if valid_join else refused.reading.requirement or "JOIN-9"
    return requirement


def _judge_two_holders(one: Member, other: Member, members: Members, collector: FindingCollector) -> None:
    name, both_from = one.name, max(one.joined, other.joined)
    if both_from >= min(one.left_from, other.left_from):
        return
    members.disputed.add(name)
    at_once = one.asked < other.joined and other.asked < one.joined
    expected = f"one holder of the name {quoted(name)} at a time"
    actual = f"{one.connection.label} and {other.connection.label} both joined under it"
    requirement, label = "JOIN-6" if at_once else "JOIN-4", other.connection.label
    collector.report(requirement, label, expected, actual, both_from, cause=other.join.as_cause)
    for holder in (one.connection, other.connection):
        before = [sent.line for sent in holder.sent if sent.at <= both_from]
        collector.derail(holder.label, before[-1], both_from)
