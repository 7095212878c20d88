"""What arrived with no reason: under which requirement that falls."""

from bisect import bisect_left
from collections import defaultdict

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb, texts_in
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members, similar
from chatproof_conformance.judges.server.refusals import refusal_requirement, wrong_refusal_requirement
from chatproof_conformance.judges.server.responses import Responses
from chatproof_conformance.judges.server.sent_index import SentIndex, is_unmistakable
from chatproof_conformance.judges.server.server_frames import MessageKind, read_notice
from chatproof_conformance.judges.server.streams import Deliveries
from chatproof_schemas.transcript import Kind

_NOTICES = (MessageKind.JOINED, MessageKind.LEFT)
_MESSAGES = (MessageKind.PUBLIC, MessageKind.PRIVATE)
_STREAMED = (*_NOTICES, *_MESSAGES)


def report_unexpected(
    index: SentIndex,
    members: Members,
    responses: Responses,
    deliveries: Deliveries,
    collector: FindingCollector,
) -> None:
    """Report every arrival that nothing explains; what others on the server say is none of ours."""
    judge = _Unexpected(index, members, collector)
    for delivery, received in deliveries.misdelivered:
        judge.misdelivered(received, delivery.text)
    judge.look_for_repeats(deliveries.unexpected)
    judge.look_for_leaks(deliveries.unexpected)
    for received in deliveries.unexpected:
        if not judge.is_relayed(received):
            judge.arrival(received)
    for received, last in responses.unexpected_errors:
        if not judge.is_relayed(received):
            judge.error(received, last)
    for received in responses.unexpected_confirmations:
        if not judge.is_relayed(received):
            judge.confirmation(received)


class _Unexpected:
    def __init__(self, index: SentIndex, members: Members, collector: FindingCollector) -> None:
        self._index = index
        self._members = members
        self._collector = collector
        self._report = collector.report_received
        self._repeats = False
        self._leaked: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[RecordedConnection, dict[str, list[ReceivedFrame]]] = {}

    def look_for_repeats(self, unexpected: list[ReceivedFrame]) -> None:
        """Know whether joins are told again of which nothing reminds a server."""
        notices = (one for one in unexpected if one.frame.kind is MessageKind.JOINED)
        names = {one.frame.name for one in notices} & self._members.by_name.keys()
        self._repeats = any(len(self._index.joins(name, FOREVER)) == len(self._members.by_name[name]) for name in names)

    def look_for_leaks(self, unexpected: list[ReceivedFrame]) -> None:
        """Know who got which private message without being its target."""
        for received in unexpected:
            if received.frame.kind is MessageKind.PRIVATE:
                self._leaked[received.frame.text].add(received.connection.name or "")

    def _is_repeated(self, received: ReceivedFrame) -> bool:
        return self._repeats and received.frame.name in self._members.by_name

    def is_relayed(self, received: ReceivedFrame) -> bool:
        """Whether a client sent it, as only servers may; report it then."""
        frame = received.frame
        if frame.kind is MessageKind.JOINED and self._is_repeated(received):
            return False
        said = {frame.text, frame.name} if frame.kind is MessageKind.CONFIRMATION else {frame.text}
        if frame.kind in _MESSAGES and frame.name not in self._members.by_name and not is_unmistakable(frame.text):
            return False  # a stranger may say the same
        for sent in reversed(self._index.breaking("ERROR-9", received.at)) if frame.text else ():
            if said <= {*texts_in(sent.frame)}:
                self._report("ERROR-9", received, "nothing of a frame of a type that only servers send", cause=sent)
                return True
        return False

    def misdelivered(self, received: ReceivedFrame, text: str) -> None:
        """Report a message with changed content, or one that was sent before its recipient joined."""
        private, notice = received.frame.kind is MessageKind.PRIVATE, received.connection.notice
        if notice is not None and received.number < notice.number:
            return  # JOIN-2 and JOIN-11 say so
        if received.frame.text != text:
            self._report("PRIVATE-1" if private else "PUBLIC-2", received, f"the content as sent, {quoted(text)}")
        else:
            self._report("PRIVATE-1" if private else "PUBLIC-1", received, "no message from before the join or after")

    def arrival(self, received: ReceivedFrame) -> None:
        """Report a message or notice that nothing explains."""
        connection = received.connection
        notice = connection.notice
        disputed = received.frame.name in self._members.disputed
        if disputed or connection.join is None or (notice and received.number < notice.number):
            return
        kind, name = received.frame.kind, received.frame.name
        if kind is MessageKind.JOINED:
            self._joined(received)
        elif kind is MessageKind.LEFT:
            self._left(received)
        elif kind in _MESSAGES:
            if name in self._members.by_name:
                self._message(received)
            else:
                self._from_unknown(received)

    def _joined(self, received: ReceivedFrame) -> None:
        name, at = received.frame.name, received.at
        tries = [sent for sent in self._index.joins(name, at) if sent.asked is None]
        bad = self._index.bad_joins(name, at)
        second = [sent for sent in tries if sent.is_after_join]
        gone = [holder for holder in self._members.by_name.get(name, ()) if holder.left_by < at]
        if gone and at <= received.connection.list_until:
            self._twice(received)  # it is informed of who has left
            return
        if name not in self._members.by_name and not second and tries and not is_unmistakable(name):
            return  # a bystander may have joined under it
        if self._is_repeated(received):
            self._twice(received)
        elif second:
            self._report(
                "JOIN-10", received, f"no notice of a join of {quoted(name)}: it was refused", cause=second[-1]
            )
        elif refused := [sent for sent in tries if sent.is_refused]:
            self._report(
                "JOIN-4", received, f"no notice of a join of {quoted(name)}: it was refused", cause=refused[-1]
            )
        elif bad:
            requirement = bad[-1].reading.requirement
            self._report(requirement, received, "no notice of a join that must be refused", cause=bad[-1])
        elif name in self._members.by_name and not tries:
            self._twice(received)

    def _twice(self, received: ReceivedFrame) -> None:
        name = received.frame.name
        holders = self._members.by_name[name]
        expected = f"one notice of the join of {quoted(name)}, when it joins"
        self._report("JOIN-13", received, expected, cause=holders[-1].join)

    def _left(self, received: ReceivedFrame) -> None:
        name, at = received.frame.name, received.at
        tried = [*self._index.joins(name, at), *self._index.bad_joins(name, at)]
        holders = [holder for holder in self._members.by_name.get(name, ()) if holder.asked < at]
        gone = [one.connection for one in holders if min(one.connection.ended, one.connection.server_ended) < at]
        last = max((min(one.ended, one.server_ended) for one in gone), default=-1)
        ended = [sent.connection for sent in tried if last < sent.connection.ended < at]
        ended = [connection for connection in ended if connection.join is None]
        rivals = [sent for sent in tried if sent.connection.join is None and sent.connection.ended < at]
        if ended:
            expected = f"no notice of the end of {ended[0].label}, which never joined"
            self._report("LEAVE-5", received, expected, cause=ended[0].end_as_cause)
        elif offences := [sent for holder in holders if (sent := _offence(holder, at))]:
            expected = f"no notice that {quoted(name)} left: its frame was refused"
            self._report("ERROR-11", received, expected, cause=offences[-1])
        elif holders:
            reset = any(connection.end is Kind.RESET for connection in gone)
            requirement = "LEAVE-2" if reset else "LEAVE-1" if gone else "JOIN-13"
            cause = (gone or [holders[-1].connection])[-1].end_as_cause
            expected = f"one notice that {quoted(name)} left, when it leaves"
            instead = ("ORDER-2", "LEAVE-5") if rivals else ("ORDER-2",)  # it may be an earlier leave that comes late
            self._report(requirement, received, expected, cause=cause, instead=instead)

    def _message(self, received: ReceivedFrame) -> None:
        kind, name, text = received.frame.kind, received.frame.name, received.frame.text
        private = kind is MessageKind.PRIVATE
        sources = self._index.said_by(name, text, received.at)
        same = [sent for sent in sources if sent.asked]
        twins = [sent for sent in same if sent.asked and (sent.asked.verb is Verb.PRIVATE) == private]
        refused = [sent for sent in sources if not sent.asked] or self._index.bad_by(name, text, received.at)
        if gone := self._left_before(received):
            cause = same[-1] if same else gone.end_as_cause
            self._report("ORDER-2", received, f"nothing from {quoted(name)} after the notice of its leave", cause=cause)
        elif private and twins:
            self._unexpected_private(received, twins)
        elif twins:
            expected = f"the public message {quoted(text)} once, while both are joined"
            self._report("PUBLIC-1", received, expected, cause=twins[-1])
        elif same:
            requirement = "PRIVATE-1" if private else "PRIVATE-2"
            expected = "a public message as such, a private one to nobody but its target"
            self._report(requirement, received, expected, cause=same[-1])
        elif refused:
            sent = refused[-1]
            requirement = refusal_requirement(sent, joined=sent.is_after_join) or wrong_refusal_requirement(sent)
            self._report(requirement, received, "nothing of a frame that was refused", cause=sent)
        else:
            requirement = "PRIVATE-1" if private else "PUBLIC-2"
            self._report(requirement, received, f"only what {quoted(name)} sent")

    def _left_before(self, received: ReceivedFrame) -> RecordedConnection | None:
        """Return the connection of whose user an arrival is, if its recipient had the notice of the leave by then."""
        notices = [other for other in self._earlier(received) if other.frame.kind in _NOTICES]
        if not notices or notices[-1].frame.kind is not MessageKind.LEFT:
            return None
        holders = self._members.by_name[received.frame.name]
        gone = [holder.connection for holder in holders if holder.connection.ended < received.at]
        return gone[-1] if gone else None

    def _earlier(self, received: ReceivedFrame) -> list[ReceivedFrame]:
        """Return what its recipient had got from that name before."""
        connection = received.connection
        if connection not in self._by_name:
            by_name = self._by_name[connection] = defaultdict(list)
            for other in connection.received:
                if other.frame.kind in _STREAMED:
                    by_name[other.frame.name].append(other)
        arrived = self._by_name[connection].get(received.frame.name, [])
        return arrived[: bisect_left(arrived, received.number, key=lambda other: other.number)]

    def _unexpected_private(self, received: ReceivedFrame, twins: list[SentFrame]) -> None:
        own = received.connection.name or ""
        targets = [sent.asked.name for sent in twins if sent.asked]
        requirement, expected = "PRIVATE-2", f"nothing of a private message to {quoted(targets[0])}"
        if own in targets:
            member = self._members.of[received.connection]
            denied = [sent for sent in twins if _denied(sent)]
            there = all(member.certain(sent.at, sent.by) for sent in denied)
            requirement = "PRIVATE-1" if not denied else "CONFIRM-1" if there else "CONFIRM-2"
            expected = "a private message once, and confirmed as delivered"
        elif all(any(similar(target, name) for target in targets) for name in self._leaked[received.frame.text]):
            requirement, expected = "JOIN-7", f"{expected}, another user"
        elif all(_denied(sent) for sent in twins):
            requirement, expected = "CONFIRM-2", "that a private message to nobody reaches nobody"
        self._report(requirement, received, expected, cause=twins[-1])

    def _from_unknown(self, received: ReceivedFrame) -> None:
        """Judge a message of a name that no recorded connection holds: a bystander's, or what nobody else can know.

        A bystander may repeat what it got, and say the same by chance.
        """
        text = received.frame.text
        sources = self._index.said(text, received.at)
        is_ours = is_unmistakable(text) and read_notice(text)[0] is MessageKind.SYSTEM  # anybody has heard the notices
        if any(sent.asked is not None and sent.asked.verb is Verb.PUBLIC for sent in sources):
            return
        for sent in reversed(sources):
            asked = sent.reading.messages[0]
            to_recipient = asked.verb is Verb.PRIVATE and asked.name == received.connection.name
            if sent.asked is None and not sent.is_after_join:
                if is_ours or (to_recipient and received.frame.kind is MessageKind.PRIVATE):
                    self._report("JOIN-9", received, "nothing of a connection that had not joined", cause=sent)
                    return
            elif sent.asked is not None and is_ours:
                requirement = "PRIVATE-1" if to_recipient else "PRIVATE-2"
                self._report(requirement, received, "a private message at its target only", cause=sent)
                return

    def error(self, received: ReceivedFrame, last: SentFrame | None) -> None:
        """Report an error that no frame of its connection explains."""
        others = self._index.refused_with(received.frame.text, received.at)
        others = others or self._index.refused_with(None, received.at)
        other = next((sent for sent in reversed(others) if sent.connection is not received.connection), None)
        answered = last.answer.at if last and last.answer else -1
        if last is None or (other is not None and other.at > answered):
            self._report("ERROR-11", received, "no error: no frame of this connection is unanswered", cause=other)
            return
        requirement = refusal_requirement(last, joined=last.is_after_join)
        if not requirement:
            requirement = "JOIN-4" if last.reading.type == "join" else wrong_refusal_requirement(last)
        self._report(requirement, received, "one error in answer to a frame, not two", cause=last)

    def confirmation(self, received: ReceivedFrame) -> None:
        """Report a confirmation that no frame of its connection explains."""
        confirmed = (Verb.PRIVATE, received.frame.name)
        sources = [
            sent
            for sent in self._index.said(received.frame.text, received.at)
            if sent.asked and (sent.asked.verb, sent.asked.name) == confirmed
        ]
        own = [sent for sent in sources if sent.connection is received.connection]
        said = self._index.said_by(received.connection.name or "", received.frame.text, received.at)
        if said and not sources and all(sent.may_ask(Verb.PUBLIC) for sent in said):
            requirement, expected = wrong_refusal_requirement(said[-1]), "that a public message is taken for one"
            self._report(requirement, received, expected, cause=said[-1])
        elif own or not sources or received.frame.name == received.connection.name:
            requirement = "CONFIRM-2" if own and all(_denied(sent) for sent in own) else "CONFIRM-1"
            cause = next(reversed(own or sources), None)
            self._report(requirement, received, "one confirmation of a private message, to its sender", cause=cause)
        else:
            expected = "nothing of a private message from another to another"
            self._report("PRIVATE-2", received, expected, cause=sources[-1])


def _offence(holder: Member, event: int) -> SentFrame | None:
    """Return the last frame that a user who is present sent before an event, if it may be refused."""
    before = [sent for sent in holder.connection.sent if sent.at < event]
    present = min(holder.connection.ended, holder.connection.server_ended) > event
    return before[-1] if present and before[-1].reading.refusable else None


def _denied(sent: SentFrame) -> bool:
    return sent.answer is not None and sent.answer.frame.message.get("delivered") is False


def report_before_joining(connections: list[RecordedConnection], index: SentIndex, collector: FindingCollector) -> None:
    """Report what came first to a connection that had not joined, its answers aside (JOIN-2, JOIN-11)."""
    for connection in connections:
        notice = connection.notice
        collector.evidence["JOIN-11" if notice is None else "JOIN-2"] += 1
        if connection.join is not None and notice is None and not connection.doubtful:
            continue  # it joined, and nobody told it when
        for received in connection.received[: notice.number if notice else None]:
            if received.frame.unreadable and connection.join is not None and received.at > connection.join.at:
                break  # that may be its notice
            cause = received.cause
            answer = cause is not None and cause.answer is received and not cause.is_after_join
            if not answer and received.frame.kind not in _OWN:
                _report_early(connection, received, index, collector)
                break


_OWN = (MessageKind.ERROR, MessageKind.CONFIRMATION, MessageKind.NOTHING)


def _is_next(join: SentFrame, received: ReceivedFrame) -> bool:
    """Whether the answer to a join was due when something arrived: all before it had theirs."""
    before = [sent for sent in join.connection.sent[: join.number] if not sent.optional]
    return all(sent.answer is not None and sent.answer.number < received.number for sent in before)


def _report_early(
    connection: RecordedConnection, received: ReceivedFrame, index: SentIndex, collector: FindingCollector
) -> None:
    join = connection.join
    requirement = "JOIN-2" if join and received.at > join.at and _is_next(join, received) else "JOIN-11"
    expected = "the join notice first" if requirement == "JOIN-2" else "only the answers to its own frames"
    cause = index.source(received)
    collector.report_received(requirement, received, f"{expected}: the connection was not joined yet", cause=cause)
