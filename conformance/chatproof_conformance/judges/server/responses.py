"""From the alignment of frames and answers: who joined, what was taken or refused, and which answers were wrong."""

from dataclasses import dataclass, field

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.refusals import fitting_codes, may_be_refused, refusal_requirement
from chatproof_conformance.judges.server.response_alignment import Pair, answer_steps, taken_for
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.judges.server.wording import describe_received, describe_sent
from chatproof_schemas.transcript import Kind

_SOON = 400
"""Within so many frames a join notice belongs to what came first in answer to the join."""


@dataclass(slots=True)
class Responses:
    """What the answers of all connections show.

    Attributes:
        refused_joins: valid joins on connections that were not joined, each answered by an error.
        unanswered_joins: such joins that got no answer although it was due.
        unanswered: valid messages of joined connections that got no answer although it was due.
        wrong_refusals: valid messages of joined connections that were answered by an error.
        unexpected_errors: errors that no frame of their own connection explains, each with the refused frame before it.
        unexpected_confirmations: confirmations that no frame of their own connection explains.
    """

    refused_joins: list[SentFrame] = field(default_factory=list)
    unanswered_joins: list[SentFrame] = field(default_factory=list)
    unanswered: list[SentFrame] = field(default_factory=list)
    wrong_refusals: list[SentFrame] = field(default_factory=list)
    unexpected_errors: list[tuple[ReceivedFrame, SentFrame | None]] = field(default_factory=list)
    unexpected_confirmations: list[ReceivedFrame] = field(default_factory=list)


def read_responses(connections: list[RecordedConnection], collector: FindingCollector, *, settled: bool) -> Responses:
    """Set the outcome of every sent frame, the name and the join of every connection; report wrong answers."""
    responses = Responses()
    for connection in connections:
        _ConnectionResponses(connection, collector, responses).read(answer_steps(connection, settled=settled))
    return responses


class _ConnectionResponses:
    """Reads the answers of one connection."""

    def __init__(self, connection: RecordedConnection, collector: FindingCollector, responses: Responses) -> None:
        self._connection = connection
        self._collector = collector
        self._responses = responses
        self._last: SentFrame | None = None
        self._unanswered: list[tuple[SentFrame, Pair]] = []
        self._unexpected: list[tuple[ReceivedFrame, SentFrame | None]] = []

    def read(self, steps: list[Pair]) -> None:
        for step in steps:
            sent, received = step.expected, step.arrived
            if sent is not None and received is not None:
                self._pair(sent, received, step)
            elif sent is not None:
                self._unanswered.append((sent, step))
            elif received is not None and received.frame.kind in (MessageKind.ERROR, MessageKind.CONFIRMATION):
                self._unexpected.append((received, self._last))
        self._mend_order()
        for sent, step in self._unanswered:
            self._miss(sent, step)
        self._sort_unexpected()
        by = FOREVER
        for sent in reversed(self._connection.sent):
            sent.by = by = min(by, sent.by)

    def _pair(self, sent: SentFrame, received: ReceivedFrame, step: Pair) -> None:
        sent.answer = received
        sent.by = received.at
        received.cause = sent
        self._last = sent
        received.explained = received.frame.kind is not MessageKind.PUBLIC
        if received.frame.kind is MessageKind.ERROR:
            self._refused(sent, received, joined=bool(step.before))
        elif received.frame.kind in (MessageKind.JOINED, MessageKind.SYSTEM):
            notice = received if step.before else self._notice_of(sent, received)
            sent.answer, notice.cause, sent.by = notice, sent, notice.at
            notice.explained = True
            self._joined(sent, notice, joined=bool(step.before))
        else:
            self._taken(sent, received, joined=bool(step.before))

    def _refused(self, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        if not may_be_refused(sent, joined=joined):
            self._responses.wrong_refusals.append(sent)
            return
        if sent.may_ask(Verb.JOIN) and not joined and not sent.reading.refusable:
            self._responses.refused_joins.append(sent)
        elif sent.reading.requirement == "FRAME-7" and sent.optional:
            self._collector.report_received("FRAME-7", received, "that a blank line is ignored", "an error in answer")
        else:
            self._collector.evidence[refusal_requirement(sent, joined=joined)] += 1
        code = received.frame.message.get("code")
        if isinstance(code, str) and not sent.optional:
            self._check_code(code, sent, received, joined=joined)

    def _check_code(self, code: str, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        fitting = fitting_codes(sent, joined=joined)
        self._collector.evidence["ERROR-12"] += 1
        if code not in fitting and fitting:
            expected = f"no code or a fitting one ({', '.join(sorted(fitting))}) in answer to {describe_sent(sent)}"
            self._collector.report_received("ERROR-12", received, expected, f"code {quoted(code)}")

    def _joined(self, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        connection, frame = self._connection, received.frame
        expected = f"an error in answer to {describe_sent(sent)}"
        if joined:
            expected += ": the connection is joined"
            self._collector.report_received("JOIN-10", received, expected, quoted(frame.text))
            return
        if not sent.may_ask(Verb.JOIN):
            self._collector.report_received(sent.reading.requirement, received, expected, quoted(frame.text))
            self._collector.derail(connection.label, sent.line, received.at)
        self._check_duplicates(sent, received)
        connection.join, connection.notice = sent, received
        joins = [asked for asked in sent.reading.messages if asked.verb is Verb.JOIN]
        named = (asked for asked in joins if asked.name == frame.name or asked.name in frame.text)
        sent.asked = next(named, next(iter(joins), taken_for(sent, None)))
        connection.name = sent.asked.name if sent.asked else frame.name

    def _notice_of(self, sent: SentFrame, received: ReceivedFrame) -> ReceivedFrame:
        """Return the notice of a join if it comes soon, but not first (JOIN-2); else what did come first."""
        names = {asked.name for asked in sent.reading.messages}
        soon = self._connection.received[received.number : received.number + _SOON]
        return next((one for one in soon if one.frame.kind is MessageKind.JOINED and one.frame.name in names), received)

    def _taken(self, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        sent.asked = asked = taken_for(sent, received) if joined else None
        if asked is None:
            received.explained = True
            expected = f"an error in answer to {describe_sent(sent)}"
            actual = f"{describe_received(received)}, as if it were valid"
            self._collector.report_received(refusal_requirement(sent, joined=joined), received, expected, actual)
            return
        self._check_duplicates(sent, received)
        frame = received.frame
        if frame.kind is MessageKind.CONFIRMATION and (frame.name, frame.text) != (asked.name, asked.content):
            expected = f"a confirmation with target {quoted(asked.name)} and content {quoted(asked.content)} as sent"
            self._collector.report_received("CONFIRM-1", received, expected)

    def _check_duplicates(self, sent: SentFrame, received: ReceivedFrame) -> None:
        if sent.reading.messages and sent.reading.requirement == "ERROR-8":
            expected = f"an error in answer to {describe_sent(sent)}, which has a member twice"
            self._collector.report_received("ERROR-8", received, expected)

    def _mend_order(self) -> None:
        """Pair what lacks with what came at the wrong place: an answer out of order is there all the same."""
        for missing in list(self._unanswered):
            sent, step = missing
            if step.cost < 1 or not step.before:
                continue
            for unexpected in self._unexpected:
                received = unexpected[0]
                if received.at > sent.at and _answers(sent, received):
                    self._unexpected.remove(unexpected)
                    self._unanswered.remove(missing)
                    expected = f"the answer to {describe_sent(sent)} in the order in which the frames were sent"
                    actual = f"{describe_received(received)} after the answer to a later frame"
                    self._collector.report_received("ORDER-1", received, expected, actual)
                    self._pair(sent, received, step)
                    break

    def _miss(self, sent: SentFrame, step: Pair) -> None:
        joined = bool(step.before)
        if step.after != step.before:
            self._joined_in_silence(sent)
        elif step.cost < 1 or any(index > sent.at for index in self._connection.unreadable):
            self._excuse(sent, joined=joined)
        elif joined and sent.reading.messages and sent.reading.type != "join":
            sent.asked = taken_for(sent, None)
            sent.sure = not sent.reading.refusable
            self._responses.unanswered.append(sent)
        elif not joined and sent.may_ask(Verb.JOIN):
            self._responses.unanswered_joins.append(sent)
        else:
            requirement = refusal_requirement(sent, joined=joined) or "JOIN-1"
            self._collector.report_unanswered(requirement, sent, f"an error in answer to {describe_sent(sent)}")

    def _joined_in_silence(self, sent: SentFrame) -> None:
        connection = self._connection
        sent.asked = taken_for(sent, None)
        connection.join = sent
        connection.name = sent.asked.name if sent.asked else None
        connection.notice = next((one for one in connection.received if _tells_of(one, sent)), None)
        if connection.notice is not None:
            connection.notice.explained, connection.notice.cause = True, sent
            return  # it came, but not first (JOIN-2)
        expected = f"a system message that names {quoted(connection.name)} in answer to its join"
        actual, late = "no such notice", ("JOIN-2",)  # what its other frames did has come; the notice may come last
        self._collector.report("JOIN-1", connection.label, expected, actual, sent.at, cause=sent.as_cause, instead=late)

    def _excuse(self, sent: SentFrame, *, joined: bool) -> None:
        connection = self._connection
        orderly = connection.end is Kind.HALF_CLOSE and connection.ended < connection.server_ended
        sent.sure = joined and not sent.optional and not sent.reading.refusable and (orderly or connection.open)
        asked = taken_for(sent, None)
        if not joined and sent.may_ask(Verb.JOIN):
            sent.asked = asked
            connection.join = connection.join or sent
            connection.name = connection.name or (asked.name if asked else None)
            connection.tries.append(sent)
        elif joined or connection.doubtful:
            sent.asked = asked if asked and asked.verb is not Verb.JOIN else None

    def _sort_unexpected(self) -> None:
        for received, last in self._unexpected:
            received.explained = True
            if received.frame.kind is MessageKind.CONFIRMATION:
                self._responses.unexpected_confirmations.append(received)
            elif received.frame.message.get("code") != "server_full" or self._connection.join is not None:
                self._responses.unexpected_errors.append((received, last if last and last.is_refused else None))


def _tells_of(received: ReceivedFrame, join: SentFrame) -> bool:
    is_notice = received.frame.kind is MessageKind.JOINED and received.at > join.at
    return is_notice and join.asked is not None and received.frame.name == join.asked.name


def _answers(sent: SentFrame, received: ReceivedFrame) -> bool:
    if received.frame.kind is MessageKind.ERROR:
        return may_be_refused(sent, joined=True)
    confirmed = (Verb.PRIVATE, received.frame.name, received.frame.text)
    return any((asked.verb, asked.name, asked.content) == confirmed for asked in sent.reading.messages)
