"""What each member's frames, join and leave must, may or must not cause at the others."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatproof_common.printable import quoted
from chatproof_conformance.core.findings import Cause
from chatproof_conformance.judges.server.client_frames import Asked, Verb
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members
from chatproof_conformance.judges.server.refusals import wrong_refusal_requirement
from chatproof_conformance.judges.server.server_frames import JOINED, LEFT, MessageKind
from chatproof_conformance.judges.server.wording import describe_sent
from chatproof_schemas import LEAVE_SECONDS


@dataclass(slots=True, eq=False)
class ExpectedDelivery:
    """One thing that others get to know: a join, a public or private message, a leave.

    Attributes:
        kind: what it is.
        source: whose it is.
        name: the name that it holds.
        text: the content, or the notice in the wording of SPEC.md.
        sent: the frame that causes it; of a leave None.
        after: it did not happen before this event.
        by: it had happened at this event; FOREVER if that is not known.
        sure: whether it must have happened, or will.
        targets: who may get a private message; None if every member gets it.
        due: whether it had to have arrived by the end of the recording; a leave is told within 10 seconds.
        until: of a join, the event at which the user had left: after that, nobody is informed of it.
        seen: where it arrived.
    """

    kind: MessageKind
    source: RecordedConnection
    name: str
    text: str
    sent: SentFrame | None
    after: int
    by: int
    sure: bool
    targets: frozenset[RecordedConnection] | None = None
    due: bool = True
    until: int = FOREVER
    seen: list[ReceivedFrame] = field(default_factory=list)

    @property
    def cause(self) -> Cause:
        """The frame or the end that causes it, as findings name it."""
        return self.source.end_as_cause if self.sent is None else self.sent.as_cause


def find_expected_deliveries(members: Members, collector: FindingCollector) -> dict[str, list[ExpectedDelivery]]:
    """Return what the holders of each name cause, in order; judge what private messages were answered."""
    return {
        name: [delivery for member in holders for delivery in _caused_by(member, members, collector)]
        for name, holders in members.by_name.items()
        if name not in members.disputed
    }


def _caused_by(member: Member, members: Members, collector: FindingCollector) -> Iterator[ExpectedDelivery]:
    connection, name, certain = member.connection, member.name, not member.connection.doubtful
    join, notice = member.join, connection.notice
    # If the join had to be refused, or is told wrongly already where it was sent, that is the fault.
    sure = certain and bool(join.reading.messages) and (notice is None or name in notice.frame.text)
    yield ExpectedDelivery(
        MessageKind.JOINED,
        connection,
        name,
        name + JOINED,
        join,
        member.asked,
        member.joined,
        sure,
        until=member.left_by,
    )
    for sent in connection.sent[member.join.number + 1 :]:
        asked = sent.asked
        if asked is None or sent.is_refused:
            continue
        by = min(sent.by, member.left_by)
        if asked.verb is Verb.PUBLIC:
            sure = sent.sure and certain
            yield ExpectedDelivery(MessageKind.PUBLIC, connection, name, asked.content, sent, sent.at, by, sure)
        elif asked.verb is Verb.PRIVATE:
            private = _private(member, sent, asked, members, collector)
            if private is not None:
                yield private
    if connection.ended != FOREVER or connection.server_ended != FOREVER:
        sure = connection.ended <= connection.server_ended and certain
        left, by, due = member.left_from, member.left_by, connection.since >= LEAVE_SECONDS
        yield ExpectedDelivery(MessageKind.LEFT, connection, name, name + LEFT, None, left, by, sure, due=due)


def _private(
    sender: Member, sent: SentFrame, asked: Asked, members: Members, collector: FindingCollector
) -> ExpectedDelivery | None:
    """Judge the answer to a private message; return its delivery, None if it is confirmed as not delivered."""
    by = min(sent.by, sender.left_by)
    holders = members.holders(asked.name, sent.at, by)
    held = asked.name not in members.disputed and any(
        holder is sender or holder.certain(sent.at, sent.by) for holder in holders
    )
    if sent.answer is None:
        sure = sent.sure and sent.connection.open and held
    else:
        collector.evidence["CONFIRM-1" if holders else "CONFIRM-2"] += 1
        what = f"{quoted(asked.content)} to {quoted(asked.name)}"
        if sent.answer.frame.message.get("delivered") is not True:
            if held:
                requirement = "PRIVATE-3" if asked.name == sender.name else "PRIVATE-1"
                expected = f"that the private message {what} is delivered: {quoted(asked.name)} was joined"
                collector.report_received(requirement, sent.answer, expected, "delivered false")
            _judge_reason(sent.answer, what, collector)
            return None
        if not holders and asked.name not in members.strangers:
            expected = f"a confirmation of {what} with delivered false: nobody held that name"
            collector.report_received("CONFIRM-2", sent.answer, expected, "delivered true")
        sure = len(holders) == 1
    targets = frozenset(holder.connection for holder in holders)
    return ExpectedDelivery(
        MessageKind.PRIVATE, sender.connection, sender.name, asked.content, sent, sent.at, by, sure, targets
    )


def _judge_reason(answer: ReceivedFrame, what: str, collector: FindingCollector) -> None:
    if answer.frame.message.get("reason"):
        collector.evidence["CONFIRM-3"] += 1
    elif not answer.frame.invalid:  # an empty one, say, is a matter of FRAME-8
        collector.report_received("CONFIRM-3", answer, f"a reason why {what} was not delivered", "no reason")


def report_unanswered(sent: SentFrame, members: Members, collector: FindingCollector) -> None:
    """Report a private message that got no confirmation; a public one is judged by its deliveries."""
    asked = sent.asked
    if asked is not None and asked.verb is Verb.PRIVATE:
        requirement = "CONFIRM-1" if members.holders(asked.name, sent.at, sent.by) else "CONFIRM-2"
        collector.report_unanswered(
            requirement, sent, f"a confirmation of {quoted(asked.content)} to {quoted(asked.name)}"
        )


def report_refused(sent: SentFrame, members: Members, collector: FindingCollector) -> None:
    """Report a valid message of a joined connection that was answered by an error."""
    requirement, asked = wrong_refusal_requirement(sent), sent.reading.messages[0]
    if requirement == "PRIVATE-1":
        to_itself = asked.name in sent.connection.names
        held = members.holders(asked.name, sent.at, sent.by)
        requirement = "PRIVATE-3" if to_itself else "PRIVATE-1" if held else "CONFIRM-2"
    if sent.answer is not None:
        actual = f"an error, {quoted(sent.answer.frame.text)}"
        collector.report_received(requirement, sent.answer, f"that {describe_sent(sent)} is taken", actual)
