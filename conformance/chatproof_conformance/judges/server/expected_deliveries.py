"""What each member's frames, join and leave must, may or must not cause at the others."""

from dataclasses import dataclass, field

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Asked, Verb
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members
from chatproof_conformance.judges.server.reading import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.responses import shown, wrongly_refused
from chatproof_conformance.judges.server.server_frames import JOINED, LEFT, MessageKind


@dataclass(slots=True, eq=False)
class ExpectedDelivery:
    """One thing that others get to know: a join, a public or private message, a leave.

    Attributes:
        says: what it is.
        source: whose it is.
        name: the name that it holds.
        text: the content, or the notice in the wording of SPEC.md.
        sent: the frame that causes it; of a leave None.
        after: it did not happen before this event.
        by: it had happened at this event; FOREVER where that is not known.
        sure: whether it must have happened, or will.
        targets: who may get a private message; None where every member gets it.
        seen: where it arrived.
    """

    says: MessageKind
    source: RecordedConnection
    name: str
    text: str
    sent: SentFrame | None
    after: int
    by: int
    sure: bool
    targets: frozenset[RecordedConnection] | None = None
    seen: list[ReceivedFrame] = field(default_factory=list)


def find_effects(members: Members, collector: FindingCollector) -> dict[str, list[ExpectedDelivery]]:
    """Return the effects of the holders of each name, in order; judge what private messages were answered."""
    effects: dict[str, list[ExpectedDelivery]] = {}
    for name, holders in members.by_name.items():
        effects[name] = [effect for member in holders for effect in _effects(member, members, collector)]
    return effects


def _effects(member: Member, members: Members, collector: FindingCollector) -> list[ExpectedDelivery]:
    connection, certain = member.connection, not member.connection.doubtful
    name, join = member.name, member.join
    found = [
        ExpectedDelivery(
            MessageKind.JOINED, connection, name, name + JOINED, join, member.asked, member.joined, certain
        )
    ]
    for sent in connection.sent[join.number + 1 :]:
        asked = sent.asked
        if asked is None:
            continue
        if asked.verb is Verb.PUBLIC:
            refused = sent.answer is not None and sent.answer.frame.says is MessageKind.ERROR
            if not refused:
                sure = sent.sure and certain
                by = min(sent.by, member.left_by)
                found.append(
                    ExpectedDelivery(MessageKind.PUBLIC, connection, name, asked.content, sent, sent.at, by, sure)
                )
        elif asked.verb is Verb.PRIVATE:
            private = _private(member, sent, asked, members, collector)
            if private:
                found.append(private)
    if connection.ended != FOREVER or connection.server_ended != FOREVER:
        by_client = connection.ended <= connection.server_ended
        left = ExpectedDelivery(
            MessageKind.LEFT,
            connection,
            name,
            name + LEFT,
            None,
            member.left_from,
            member.left_by,
            by_client and certain,
        )
        found.append(left)
    return found


def _private(
    member: Member, sent: SentFrame, asked: Asked, members: Members, collector: FindingCollector
) -> ExpectedDelivery | None:
    by = min(sent.by, member.left_by)
    holders = members.holders(asked.name, sent.at, by)
    certain = any(_held(holder, member, sent) for holder in holders)
    targets = frozenset(holder.connection for holder in holders)
    label, answer = sent.connection.label, sent.answer
    effect = ExpectedDelivery(
        MessageKind.PRIVATE,
        member.connection,
        member.name,
        asked.content,
        sent,
        sent.at,
        by,
        sure=False,
        targets=targets,
    )
    if answer is None:
        if sent.sure and sent.connection.open:
            effect.sure = certain
        return effect
    if answer.frame.says is MessageKind.ERROR:
        return None
    collector.evidence["CONFIRM-1" if holders else "CONFIRM-2"] += 1
    what = f"{quoted(asked.content)} to {quoted(asked.name)}"
    if answer.frame.message.get("delivered") is True:
        if not holders and asked.name not in members.strangers:
            expected = f"a confirmation of {what} with delivered false: nobody held that name"
            collector.report("CONFIRM-2", label, expected, "delivered true", *answer.place)
        effect.sure = len(holders) == 1
        return effect
    if certain:
        requirement = "PRIVATE-3" if asked.name == member.name else "PRIVATE-1"
        expected = f"that the private message {what} is delivered: {quoted(asked.name)} was joined"
        collector.report(requirement, label, expected, "delivered false", *answer.place)
    if not answer.frame.message.get("reason"):
        collector.report("CONFIRM-3", label, f"a reason why {what} was not delivered", "no reason", *answer.place)
    else:
        collector.evidence["CONFIRM-3"] += 1
    return None


def _held(holder: Member, sender: Member, sent: SentFrame) -> bool:
    return holder is sender or holder.certain(sent.at, sent.by)


def report_unanswered(sent: SentFrame, members: Members, collector: FindingCollector) -> None:
    """Report a private message that got no confirmation; of a public one the deliveries tell."""
    asked = sent.asked
    if asked is None or asked.verb is not Verb.PRIVATE:
        return
    held = bool(members.holders(asked.name, sent.at, sent.by))
    expected = f"a confirmation of {quoted(asked.content)} to {quoted(asked.name)}"
    requirement = "CONFIRM-1" if held else "CONFIRM-2"
    collector.report(requirement, sent.connection.label, expected, "no answer", sent.at)


def report_refused(sent: SentFrame, members: Members, collector: FindingCollector) -> None:
    """Report a valid message of a joined connection that was answered by an error."""
    answer = sent.answer
    if answer is None:
        return
    requirement, asked = wrongly_refused(sent), sent.reading.messages[0]
    if requirement == "CONFIRM-1" and not members.holders(asked.name, sent.at, sent.by):
        requirement = "CONFIRM-2"
    actual = f"an error, {quoted(answer.frame.text)}"
    collector.report(requirement, sent.connection.label, f"that {shown(sent)} is taken", actual, *answer.place)
