"""What arrived with no reason: under which requirement that falls."""

from collections.abc import Iterator

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Members, similar
from chatproof_conformance.judges.server.refusals import refusal_requirement, wrong_refusal_requirement
from chatproof_conformance.judges.server.responses import Responses
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.streams import Deliveries
from chatproof_schemas.transcript import Kind

LEAK_CODE_POINTS = 8
"""A content so long in a message of somebody unknown is no coincidence."""


def report_unexpected(
    connections: list[RecordedConnection],
    members: Members,
    responses: Responses,
    deliveries: Deliveries,
    collector: FindingCollector,
) -> None:
    """Report every arrival that nothing explains; what others on the server say is none of ours."""
    judge = _Unexpected(connections, members, collector)
    for delivery, received in deliveries.misdelivered:
        judge.misdelivered(received, delivery.text)
    for received in deliveries.unexpected:
        judge.arrival(received)
    for received, last in responses.unexpected_errors:
        judge.error(received, last)
    for received in responses.unexpected_confirmations:
        judge.confirmation(received)
    for connection in connections:
        judge.before_joining(connection)


class _Unexpected:
    def __init__(self, connections: list[RecordedConnection], members: Members, collector: FindingCollector) -> None:
        self._connections = connections
        self._members = members
        self._collector = collector
        self._report = collector.report_received

    def misdelivered(self, received: ReceivedFrame, text: str) -> None:
        """Report a message with changed content, or one that was sent before its recipient joined."""
        private = received.frame.kind is MessageKind.PRIVATE
        if received.frame.text != text:
            self._report("PRIVATE-1" if private else "PUBLIC-2", received, f"the content as sent, {quoted(text)}")
        else:
            self._report("PRIVATE-1" if private else "PUBLIC-1", received, "no message from before the join or after")

    def before_joining(self, connection: RecordedConnection) -> None:
        """Report what came to a connection that had not joined, its answers aside (JOIN-2, JOIN-11)."""
        notice = connection.notice
        asked = connection.join.at if connection.join else FOREVER
        silent = connection.join is not None and notice is None and not connection.doubtful
        for received in connection.received[: notice.number if notice else None]:
            kind = received.frame.kind
            answer = received.cause is not None and received.cause.answer is received
            if answer or kind in (MessageKind.ERROR, MessageKind.CONFIRMATION, MessageKind.NOTHING) or silent:
                continue
            requirement = "JOIN-2" if received.at > asked else "JOIN-11"
            expected = "the join notice first" if requirement == "JOIN-2" else "only the answers to its own frames"
            self._report(requirement, received, f"{expected}: the connection was not joined yet")
        self._collector.evidence["JOIN-11" if notice is None else "JOIN-2"] += 1

    def arrival(self, received: ReceivedFrame) -> None:
        """Report a message or notice that nothing explains."""
        connection = received.connection
        notice = connection.notice
        if connection.join is None or (notice and received.number < notice.number):
            return
        kind, name = received.frame.kind, received.frame.name
        if kind is MessageKind.JOINED:
            self._joined(received)
        elif kind is MessageKind.LEFT:
            self._left(received)
        elif kind in (MessageKind.PUBLIC, MessageKind.PRIVATE):
            if name in self._members.by_name:
                self._message(received)
            else:
                self._from_unknown(received)

    def _joined(self, received: ReceivedFrame) -> None:
        name = received.frame.name
        tries = [sent for sent in self._sent_before(received) if sent.may_ask(Verb.JOIN, name)]
        bad = next((sent for sent in self._sent_before(received) if _is_bad_join(sent, name)), None)
        if name in self._members.strangers and not tries:
            return
        if any(sent.connection in self._members.of and sent.connection.join is not sent for sent in tries):
            self._report("JOIN-10", received, f"no notice of a join of {quoted(name)}: it was refused")
        elif any(sent.asked is None for sent in tries):
            self._report("JOIN-4", received, f"no notice of a join of {quoted(name)}: it was refused")
        elif bad:
            self._report(bad.reading.requirement, received, "no notice of a join that must be refused")
        elif name in self._members.by_name:
            self._report("JOIN-1", received, f"one notice of the join of {quoted(name)}, when it joins")

    def _sent_before(self, received: ReceivedFrame) -> Iterator[SentFrame]:
        for connection in self._connections:
            for sent in connection.sent:
                if sent.at >= received.at:
                    break
                yield sent

    def _left(self, received: ReceivedFrame) -> None:
        name = received.frame.name
        ended = [
            connection
            for connection in self._connections
            if connection.ended < received.at and connection.join is None and _tried(connection, name)
        ]
        holders = self._members.by_name.get(name, [])
        if ended:
            self._report("LEAVE-5", received, f"no notice of the end of {ended[0].label}, which never joined")
        elif holders:
            reset = any(holder.connection.end is Kind.RESET for holder in holders)
            expected = f"one notice that {quoted(name)} left, when it leaves"
            self._report("LEAVE-2" if reset else "LEAVE-1", received, expected)

    def _message(self, received: ReceivedFrame) -> None:
        kind, name, text = received.frame.kind, received.frame.name, received.frame.text
        private = kind is MessageKind.PRIVATE
        sources = [sent for sent in self._sent_before(received) if name in sent.connection.names]
        same = [sent for sent in sources if sent.asked and sent.asked.content == text]
        twins = [sent for sent in same if sent.asked and (sent.asked.verb is Verb.PRIVATE) == private]
        refused = next((sent for sent in sources if not sent.asked and _mentions(sent, text)), None)
        if private and twins:
            self._unexpected_private(received, twins)
        elif twins:
            requirement = "ORDER-2" if self._after_leave(received) else "PUBLIC-1"
            self._report(requirement, received, f"the public message {quoted(text)} once, while both are joined")
        elif same:
            requirement = "PRIVATE-1" if private else "PRIVATE-2"
            self._report(requirement, received, "a public message as such, a private one to nobody but its target")
        elif refused:
            requirement = refusal_requirement(refused, joined=True) or wrong_refusal_requirement(refused)
            self._report(requirement, received, "nothing of a frame that was refused")
        else:
            requirement = "PRIVATE-1" if private else "PUBLIC-2"
            self._report(requirement, received, f"only what {quoted(name)} sent")

    def _after_leave(self, received: ReceivedFrame) -> bool:
        for earlier in reversed(received.connection.received[: received.number]):
            if earlier.frame.name == received.frame.name and earlier.frame.kind in (
                MessageKind.JOINED,
                MessageKind.LEFT,
            ):
                return earlier.frame.kind is MessageKind.LEFT
        return False

    def _unexpected_private(self, received: ReceivedFrame, twins: list[SentFrame]) -> None:
        own = received.connection.name or ""
        targets = [sent.asked.name for sent in twins if sent.asked]
        if own in targets:
            undelivered = any(_denied(sent) for sent in twins)
            requirement = "CONFIRM-1" if undelivered else "PRIVATE-1"
            self._report(requirement, received, "a private message once, and confirmed as delivered")
        elif any(similar(target, own) for target in targets):
            self._report("JOIN-7", received, f"nothing of a private message to {quoted(targets[0])}, another user")
        elif all(_denied(sent) for sent in twins):
            self._report("CONFIRM-2", received, "that a private message to nobody reaches nobody")
        else:
            self._report("PRIVATE-2", received, f"nothing of a private message to {quoted(targets[0])}")

    def _from_unknown(self, received: ReceivedFrame) -> None:
        """Judge a message of a name that no recorded connection holds: another user's, or ours in disguise."""
        text, private = received.frame.text, received.frame.kind is MessageKind.PRIVATE
        for sent in self._sent_before(received):
            asked = sent.asked
            if asked is None or asked.content != text or asked.verb is Verb.JOIN:
                if asked is None and sent.connection.join is None and _leaked(sent, received):
                    self._report("JOIN-9", received, "nothing of a message from a connection that had not joined")
                    return
                continue
            if len(text) < LEAK_CODE_POINTS and not similar(received.frame.name, sent.connection.name or ""):
                continue
            if asked.verb is Verb.PUBLIC:
                self._report("PUBLIC-2", received, f"the sender's name, {quoted(sent.connection.name)}")
            else:
                own_target = private and asked.name == received.connection.name
                self._report(
                    "PRIVATE-1" if own_target else "PRIVATE-2", received, "a private message at its target only"
                )
            return

    def error(self, received: ReceivedFrame, last: SentFrame | None) -> None:
        """Report an error that no frame of its connection explains."""
        text = received.frame.text
        elsewhere = any(
            sent.connection is not received.connection and sent.answer and sent.answer.frame.text == text
            for sent in self._sent_before(received)
            if sent.is_refused
        )
        if last is None or (elsewhere and last.answer and last.answer.frame.text != text):
            self._report("ERROR-11", received, "no error: no frame of this connection is unanswered")
            return
        requirement = refusal_requirement(last, joined=last.is_after_join)
        if not requirement:
            requirement = "JOIN-4" if last.reading.type == "join" else wrong_refusal_requirement(last)
        self._report(requirement, received, "one error in answer to a frame, not two")

    def confirmation(self, received: ReceivedFrame) -> None:
        """Report a confirmation that no frame of its connection explains."""
        confirmed = (Verb.PRIVATE, received.frame.name, received.frame.text)
        sources = [
            sent
            for sent in self._sent_before(received)
            if sent.asked and (sent.asked.verb, sent.asked.name, sent.asked.content) == confirmed
        ]
        own = [sent for sent in sources if sent.connection is received.connection]
        if own or not sources or received.frame.name == received.connection.name:
            requirement = "CONFIRM-2" if own and all(_denied(sent) for sent in own) else "CONFIRM-1"
            self._report(requirement, received, "one confirmation of a private message, to its sender")
        else:
            self._report("PRIVATE-2", received, "nothing of a private message from another to another")


def _tried(connection: RecordedConnection, name: str) -> bool:
    return any(
        _is_bad_join(sent, name) or any(asked.name == name for asked in sent.reading.messages)
        for sent in connection.sent
    )


def _is_bad_join(sent: SentFrame, name: str) -> bool:
    return sent.reading.type == "join" and _mentions(sent, name)


def _denied(sent: SentFrame) -> bool:
    return sent.answer is not None and sent.answer.frame.message.get("delivered") is False


def _leaked(sent: SentFrame, received: ReceivedFrame) -> bool:
    """Whether an arrival is what a frame asked for; short texts are said by strangers too, but not to its target."""
    text, recipient = received.frame.text, received.connection.name
    private = received.frame.kind is MessageKind.PRIVATE
    return any(
        asked.content == text and asked.verb is not Verb.JOIN
        for asked in sent.reading.messages
        if len(text) >= LEAK_CODE_POINTS or (private and asked.name == recipient)
    )


def _mentions(sent: SentFrame, text: str) -> bool:
    """Whether a frame holds a text, as far as that can be seen in one that may not be JSON."""
    return bool(text) and not sent.reading.messages and text.encode("utf-8", "surrogatepass") in sent.frame
