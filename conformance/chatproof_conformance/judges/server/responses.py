"""From the alignment of frames and answers: who joined, what was taken or refused, and which answers were wrong."""

from dataclasses import dataclass, field

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.reading import FOREVER, ReceivedFrame, RecordedConnection, SentFrame, is_verb
from chatproof_conformance.judges.server.response_alignment import (
    Pair,
    answer_steps,
    fitting_codes,
    may_be_refused,
    refusal_requirement,
    taken_for,
)
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas import Direction, members_of
from chatproof_schemas.transcript import Kind

GENERIC = {Verb.JOIN: "JOIN-1", Verb.PUBLIC: "PUBLIC-1", Verb.PRIVATE: "CONFIRM-1"}


@dataclass(slots=True)
class Responses:
    """What the answers of all connections show.

    Attributes:
        refused_joins: valid joins on connections that were not joined, each answered by an error.
        unanswered_joins: such joins that got no answer although it was due.
        unanswered: valid messages of joined connections that got no answer although it was due.
        wrong_refusals: valid messages of joined connections that were answered by an error.
        spare_errors: errors that no frame of their own connection explains.
        spare_confirmations: confirmations that no frame of their own connection explains.
    """

    refused_joins: list[SentFrame] = field(default_factory=list)
    unanswered_joins: list[SentFrame] = field(default_factory=list)
    unanswered: list[SentFrame] = field(default_factory=list)
    wrong_refusals: list[SentFrame] = field(default_factory=list)
    spare_errors: list[tuple[ReceivedFrame, SentFrame | None]] = field(default_factory=list)
    spare_confirmations: list[ReceivedFrame] = field(default_factory=list)


def read_exchanges(connections: list[RecordedConnection], collector: FindingCollector, *, settled: bool) -> Responses:
    """Set the outcome of every sent frame, the name and the join of every connection; report wrong answers."""
    responses = Responses()
    for connection in connections:
        _Exchange(connection, collector, responses).read(answer_steps(connection, settled=settled))
    return responses


class _Exchange:
    """Reads the answers of one connection."""

    def __init__(self, connection: RecordedConnection, collector: FindingCollector, responses: Responses) -> None:
        self._connection = connection
        self._collector = collector
        self._exchanges = responses
        self._last: SentFrame | None = None
        self._lacking: list[Pair] = []
        self._spare: list[tuple[ReceivedFrame, SentFrame | None]] = []

    def read(self, steps: list[Pair]) -> None:
        for step in steps:
            if step.expected is None:
                self._add_spare(step)
            elif step.arrived is None:
                self._lacking.append(step)
            else:
                self._pair(step.expected, step.arrived, step)
        self._mend_order()
        for step in self._lacking:
            self._lack(step)
        self._sort_spare()
        by = FOREVER
        for sent in reversed(self._connection.sent):
            sent.by = by = min(by, sent.by)

    def _add_spare(self, step: Pair) -> None:
        received = step.arrived
        if received is not None and received.frame.says in (MessageKind.ERROR, MessageKind.CONFIRMATION):
            self._spare.append((received, self._last))

    def _pair(self, sent: SentFrame, received: ReceivedFrame, step: Pair) -> None:
        sent.answer = received
        sent.by = received.at
        received.cause = sent
        self._last = sent
        if received.frame.says is MessageKind.ERROR:
            received.explained = True
            self._refused(sent, received, joined=bool(step.before))
        elif received.frame.says in (MessageKind.JOINED, MessageKind.SYSTEM):
            received.explained = True
            self._joined(sent, received, step)
        else:
            self._taken(sent, received, joined=bool(step.before))

    def _refused(self, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        label = self._connection.label
        if is_verb(sent, Verb.JOIN) and not joined and not sent.reading.refusable:
            self._exchanges.refused_joins.append(sent)
        elif not may_be_refused(sent, joined=joined):
            self._exchanges.wrong_refusals.append(sent)
        elif sent.reading.requirement == "FRAME-7" and sent.optional:
            self._collector.report(
                "FRAME-7", label, "that a blank line is ignored", "an error in answer", *received.place
            )
        else:
            self._collector.evidence[refusal_requirement(sent, joined=joined)] += 1
        self._check_code(sent, received, joined=joined)

    def _check_code(self, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        code = received.frame.message.get("code")
        if not isinstance(code, str) or not may_be_refused(sent, joined=joined):
            return
        fitting = fitting_codes(sent, joined=joined)
        self._collector.evidence["ERROR-12"] += 1
        if code not in fitting and fitting:
            expected = f"no code or a fitting one ({', '.join(sorted(fitting))}) in answer to {shown(sent)}"
            self._collector.report(
                "ERROR-12", self._connection.label, expected, f"code {quoted(code)}", *received.place
            )

    def _joined(self, sent: SentFrame, received: ReceivedFrame, step: Pair) -> None:
        connection, frame = self._connection, received.frame
        if step.before:
            expected = f"an error in answer to {shown(sent)}: the connection is joined"
            self._collector.report("JOIN-10", connection.label, expected, f"{quoted(frame.text)}", *received.place)
            return
        if not is_verb(sent, Verb.JOIN):
            expected = f"an error in answer to {shown(sent)}"
            requirement = sent.reading.requirement
            self._collector.report(requirement, connection.label, expected, f"{quoted(frame.text)}", *received.place)
        elif sent.reading.requirement == "ERROR-8":
            self._took_duplicates(sent, received)
        connection.join, connection.notice = sent, received
        sent.asked = next((asked for asked in sent.reading.messages if asked.name == frame.name), taken_for(sent, None))
        connection.name = sent.asked.name if sent.asked else frame.name

    def _taken(self, sent: SentFrame, received: ReceivedFrame, *, joined: bool) -> None:
        sent.asked = taken_for(sent, received) if joined else None
        if sent.asked is None:
            received.explained = True
            requirement = refusal_requirement(sent, joined=joined)
            expected = f"an error in answer to {shown(sent)}"
            actual = f"{tell(received)}, as if it were valid"
            self._collector.report(requirement, self._connection.label, expected, actual, *received.place)
            return
        if sent.reading.requirement == "ERROR-8":
            self._took_duplicates(sent, received)
        if received.frame.says is MessageKind.CONFIRMATION:
            received.explained = True
            asked = sent.asked
            if (received.frame.name, received.frame.text) != (asked.name, asked.content):
                expected = (
                    f"a confirmation with target {quoted(asked.name)} and content {quoted(asked.content)} as sent"
                )
                self._collector.report("CONFIRM-1", self._connection.label, expected, tell(received), *received.place)

    def _took_duplicates(self, sent: SentFrame, received: ReceivedFrame) -> None:
        expected = f"an error in answer to {shown(sent)}, which has a member twice"
        self._collector.report("ERROR-8", self._connection.label, expected, tell(received), *received.place)

    def _mend_order(self) -> None:
        """Pair what lacks with what came at the wrong place: an answer out of order is there all the same."""
        for step in list(self._lacking):
            sent = step.expected
            if sent is None or step.cost < 1 or not step.before:
                continue
            for unexpected in self._spare:
                received = unexpected[0]
                if received.at > sent.at and _answers(sent, received):
                    self._spare.remove(unexpected)
                    self._lacking.remove(step)
                    expected = f"the answer to {shown(sent)} in the order in which the frames were sent"
                    actual = f"{tell(received)} after the answer to a later frame"
                    self._collector.report("ORDER-1", self._connection.label, expected, actual, *received.place)
                    self._pair(sent, received, step)
                    break

    def _lack(self, step: Pair) -> None:
        sent, connection = step.expected, self._connection
        if sent is None:
            return
        joined = bool(step.before)
        excused = step.cost < 1 or any(index > sent.at for index in connection.unreadable)
        if step.after != step.before:
            self._joined_in_silence(sent)
        elif excused:
            self._excuse(sent, joined=joined)
        elif not sent.reading.messages or (joined == (sent.reading.type == "join")):
            requirement = refusal_requirement(sent, joined=joined) or "JOIN-1"
            if is_verb(sent, Verb.JOIN) and not joined:
                self._exchanges.unanswered_joins.append(sent)
                return
            expected = f"an error in answer to {shown(sent)}"
            self._collector.report(requirement, connection.label, expected, "no answer", sent.at)
        else:
            self._miss(sent, joined=joined)

    def _miss(self, sent: SentFrame, *, joined: bool) -> None:
        if not joined:
            expected = f"an error in answer to {shown(sent)}"
            self._collector.report("JOIN-9", self._connection.label, expected, "no answer", sent.at)
            return
        sent.asked = taken_for(sent, None)
        sent.sure = not sent.reading.refusable
        self._exchanges.unanswered.append(sent)

    def _joined_in_silence(self, sent: SentFrame) -> None:
        connection = self._connection
        sent.asked = taken_for(sent, None)
        connection.join = sent
        connection.name = sent.asked.name if sent.asked else None
        expected = f"a system message that names {quoted(connection.name)} in answer to its join"
        self._collector.report("JOIN-1", connection.label, expected, "no such notice", sent.at)

    def _excuse(self, sent: SentFrame, *, joined: bool) -> None:
        connection = self._connection
        orderly = connection.end is Kind.HALF_CLOSE and connection.ended < connection.server_ended
        unended = connection.ended == FOREVER and connection.server_ended == FOREVER
        sent.sure = joined and not sent.optional and not sent.reading.refusable and (orderly or unended)
        if not joined and is_verb(sent, Verb.JOIN):
            sent.asked = taken_for(sent, None)
            connection.join = connection.join or sent
            connection.name = connection.name or (sent.asked.name if sent.asked else None)
            connection.tries.append(sent)
        elif joined or connection.doubtful:
            asked = taken_for(sent, None)
            sent.asked = asked if asked and asked.verb is not Verb.JOIN else None

    def _sort_spare(self) -> None:
        for received, last in self._spare:
            received.explained = True
            if received.frame.says is MessageKind.CONFIRMATION:
                self._exchanges.spare_confirmations.append(received)
            elif received.frame.message.get("code") != "server_full" or self._connection.join is not None:
                refused = last is not None and last.answer is not None and last.answer.frame.says is MessageKind.ERROR
                self._exchanges.spare_errors.append((received, last if refused else None))


def _answers(sent: SentFrame, received: ReceivedFrame) -> bool:
    if received.frame.says is MessageKind.ERROR:
        return may_be_refused(sent, joined=True)
    wanted = (Verb.PRIVATE, received.frame.name, received.frame.text)
    return any((asked.verb, asked.name, asked.content) == wanted for asked in sent.reading.messages)


def wrongly_refused(sent: SentFrame) -> str:
    """Return the requirement that the refusal of a valid frame breaks: its form's or its verb's."""
    if sent.split:
        return "FRAME-2"
    if sent.reading.features:
        return sent.reading.features[0]
    company = [other for other in sent.connection.sent if other is not sent and other.at == sent.at]
    if sent.shared and any(other.answer is None and not other.optional for other in company):
        return "FRAME-3"
    return GENERIC[sent.reading.messages[0].verb] if sent.reading.messages else sent.reading.requirement


def shown(sent: SentFrame) -> str:
    """Return a sent frame in a few words."""
    if sent.reading.messages:
        asked = sent.reading.messages[0]
        match asked.verb:
            case Verb.JOIN:
                return f"the join {quoted(asked.name)}"
            case Verb.PUBLIC:
                return f"the public message {quoted(asked.content)}"
            case Verb.PRIVATE:
                return f"the private message {quoted(asked.content)} to {quoted(asked.name)}"
    return f"the frame {quoted(sent.frame.decode('utf-8', 'replace'), 60)}"


def tell(received: ReceivedFrame) -> str:
    """Return a received frame in a few words."""
    frame = received.frame
    if frame.says is MessageKind.NOTHING:
        return "a frame that cannot be read"
    name = frame.message["type"]
    if frame.says is MessageKind.CONFIRMATION:
        delivered = quoted(frame.message.get("delivered"))
        return f"{name} of {quoted(frame.text)} to {quoted(frame.name)}, delivered {delivered}"
    sender = f" from {quoted(frame.name)}" if members_of(Direction.SERVER, name).user else ""
    return f"{name} {quoted(frame.text)}{sender}"
