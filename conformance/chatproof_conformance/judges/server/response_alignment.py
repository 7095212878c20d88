"""Which of a connection's frames got which answer.

Every frame that is not blank has one answer on its own connection, in order: a join its notice, a public message its
echo, a private message its confirmation, and what is refused an error. The first try pairs them in order; if
that fails, the cheapest alignment says what lacks and what is too much.
"""

import functools
from collections.abc import Hashable, Iterable, Sequence

from chatproof_conformance.judges.alignment import AlignmentStep, align_from, total_cost
from chatproof_conformance.judges.server.client_frames import Asked, Verb, texts_in
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.membership import folded
from chatproof_conformance.judges.server.refusals import fitting_codes, may_be_refused
from chatproof_conformance.judges.server.server_frames import MessageKind

Pair = AlignmentStep[SentFrame, ReceivedFrame]


def answer_steps(connection: RecordedConnection, *, settled: bool) -> list[Pair]:
    """Return the alignment of what a connection sent with the answers that it got; state 0 is not joined yet.

    A line that a server may have read as several frames is replaced by them in ``connection.sent`` if that fits
    better (SPEC.md, "The wire": a server may take a complete object with no LF).
    """
    steps = _align(connection, settled)
    for sent in [sent for sent in connection.sent if sent.pieces]:
        whole = connection.sent
        place = whole.index(sent)
        _number(connection, [*whole[:place], *sent.pieces, *whole[place + 1 :]])
        other = _align(connection, settled)
        if total_cost(other) < total_cost(steps):
            steps = other
        else:
            _number(connection, whole)
    return steps


def _number(connection: RecordedConnection, frames: list[SentFrame]) -> None:
    connection.sent = frames
    for number, sent in enumerate(frames):
        sent.number = number


def _align(connection: RecordedConnection, settled: bool) -> list[Pair]:  # noqa: FBT001  passed through
    rules = _AnswerRules(connection, settled=settled)
    answers = [received for received in connection.received if rules.may_answer(received)]
    steps, fits = _side_by_side(connection, answers, rules)
    if fits:
        return steps
    return align_from(steps, connection.sent, answers, rules)


def _side_by_side(
    connection: RecordedConnection, answers: Sequence[ReceivedFrame], rules: "_AnswerRules"
) -> tuple[list[Pair], bool]:
    """Pair frames and answers in order, as far as each is what the other asks for; and whether that is all."""
    steps: list[Pair] = []
    state = place = 0
    sent = connection.sent
    for received in answers:
        while place < len(sent) and sent[place].optional:
            steps.append(AlignmentStep(sent[place], None, 0.0, state, state))
            place += 1
        cost, after = rules.fit(state, sent[place], received) if place < len(sent) else (_NEVER, state)
        if cost or received.at <= sent[place].at:
            if not rules.may_be_no_answer(state, received):
                return steps, False
            steps.append(AlignmentStep(None, received, 0.0, state, state))
            continue
        steps.append(AlignmentStep(sent[place], received, 0.0, state, after))
        state = after
        place += 1
    for missing in sent[place:]:
        if not rules.may_lack_at_the_end(missing):
            return steps, False
        steps.append(AlignmentStep(missing, None, 0.0, state, state))
    return steps, True


class _AnswerRules:
    """The costs; a state is the number of the frame by which the connection joined, plus one; 0 before."""

    def __init__(self, connection: RecordedConnection, *, settled: bool) -> None:
        self._sent = connection.sent
        self._names = {
            asked.name for sent in connection.sent for asked in sent.reading.messages if asked.verb is Verb.JOIN
        }
        self._bad_names = {name for sent in connection.sent for name in _badly_asked(sent)}
        self._first_join = _first_join(connection)
        self._ended = connection.ended
        self._tail_may_lack = not (settled and connection.open)

    def may_answer(self, received: ReceivedFrame) -> bool:
        frame = received.frame
        if frame.kind in (MessageKind.ERROR, MessageKind.CONFIRMATION):
            return True
        if frame.kind is MessageKind.SYSTEM:
            return received.number == 0 or any(name in frame.text for name in self._names)
        if frame.kind is MessageKind.JOINED:
            return received.number == 0 or self._may_be_its_name(frame.name)
        return frame.kind is MessageKind.PUBLIC and self._may_be_its_name(frame.name)

    def _may_be_its_name(self, name: str) -> bool:
        return name in self._names or folded(name) in self._bad_names

    def expected_key(self, expected: SentFrame) -> Hashable:
        if len(expected.reading.messages) != 1:
            return None
        asked = expected.reading.messages[0]
        kind = MessageKind.CONFIRMATION if asked.verb is Verb.PRIVATE else MessageKind.PUBLIC
        return None if asked.verb is Verb.JOIN else (kind, asked.name, asked.content)

    def arrived_key(self, arrived: ReceivedFrame) -> Hashable:
        frame = arrived.frame
        name = frame.name if frame.kind is MessageKind.CONFIRMATION else ""
        return (frame.kind, name, frame.text)

    def may_anchor(self, expected: SentFrame, arrived: ReceivedFrame) -> bool:
        return arrived.at > expected.at and expected.number > self._first_join

    def may_lack_at_the_end(self, sent: SentFrame) -> bool:
        return self._tail_may_lack or sent.optional

    def match(self, state: int, expected: SentFrame, arrived: ReceivedFrame) -> tuple[float, int] | None:
        if arrived.at <= expected.at:
            return None
        cost, after = self.fit(state, expected, arrived)
        if cost >= _NEVER:
            return None
        later = expected.number + 1
        while later < len(self._sent) and later < expected.number + 8 and self._sent[later].at < arrived.at:
            later += 1
        # Between equal answers, the later frame is the likelier one to have caused it.
        return cost + 0.01 * (later - expected.number - 1), after

    def lack(self, state: int, expected: SentFrame, later: ReceivedFrame | None) -> Iterable[tuple[float, int]]:
        excused = expected.optional or (self._tail_may_lack and (later is None or later.at > self._ended))
        yield (0.0 if excused else 1.0), state
        if not state and expected.may_ask(Verb.JOIN) and expected.number >= self._first_join:
            yield 1.5, expected.number + 1

    def excess(self, state: int, arrived: ReceivedFrame) -> float:
        if self.may_be_no_answer(state, arrived):
            return 0.0
        kind = arrived.frame.kind
        if kind is MessageKind.PUBLIC:
            return 1.6  # more than an echo that was altered, also if it may lack
        if kind is MessageKind.JOINED and arrived.frame.name in self._names:
            return 2.5
        return 1.2 if kind in (MessageKind.SYSTEM, MessageKind.JOINED) else 1.0

    def may_be_no_answer(self, state: int, received: ReceivedFrame) -> bool:
        """Whether it may be something that a joined client gets unasked: a notice, a message from another."""
        if not state:
            return False
        kind = received.frame.kind
        return kind in (MessageKind.SYSTEM, MessageKind.JOINED) or (
            kind is MessageKind.PUBLIC and not self._is_own(state, received)
        )

    def _is_own(self, state: int, received: ReceivedFrame) -> bool:
        join, name = self._sent[state - 1], received.frame.name
        return folded(name) in _badly_asked(join) or any(asked.name == name for asked in join.reading.messages)

    def fit(self, state: int, sent: SentFrame, received: ReceivedFrame) -> tuple[float, int]:
        """Return how badly an answer fits a frame, 0 if it is right, and the state after it."""
        kind = received.frame.kind
        if kind is MessageKind.ERROR:
            return self._fit_error(state, sent, received), state
        if kind in (MessageKind.JOINED, MessageKind.SYSTEM):
            return self._fit_notice(state, sent, received)
        if kind is MessageKind.CONFIRMATION:
            return _fit_message(state, sent, received, Verb.PRIVATE), state
        if state and self._sent[state - 1].reading.messages and not self._is_own(state, received):
            return _NEVER, state
        return _fit_message(state, sent, received, Verb.PUBLIC), state

    def _fit_error(self, state: int, sent: SentFrame, received: ReceivedFrame) -> float:
        if not may_be_refused(sent, joined=bool(state)):
            return 1.0
        if sent.reading.requirement == "FRAME-7" and sent.optional:
            return 0.9
        code = received.frame.message.get("code")
        fits = not isinstance(code, str) or code in fitting_codes(sent, joined=bool(state))
        return 0.0 if fits else 0.3

    def _fit_notice(self, state: int, sent: SentFrame, received: ReceivedFrame) -> tuple[float, int]:
        frame = received.frame
        joins = [asked.name for asked in sent.reading.messages if asked.verb is Verb.JOIN]
        after = sent.number + 1
        if joins and frame.kind is MessageKind.JOINED and frame.name in joins:
            return (1.0 if state else 0.0), after
        if joins and not state:
            return (0.0 if any(name in frame.text for name in joins) else 0.7), after
        altered = sent.reading.type == "join" and frame.name not in self._names
        is_join = altered or folded(frame.name) in _badly_asked(sent)
        if is_join and frame.kind is MessageKind.JOINED and not state:
            return 1.0, after
        return _NEVER, state


_NEVER = 9.0


def _first_join(connection: RecordedConnection) -> int:
    """Return the number of the first frame by which it may have joined, of those that notices name if any does."""
    noticed = {folded(one.frame.name) for one in connection.received if one.frame.kind is MessageKind.JOINED}
    joins = {sent.number: names for sent in connection.sent if (names := _names_asked(sent))}
    return min((number for number, names in joins.items() if names & noticed), default=min(joins, default=FOREVER))


def _names_asked(sent: SentFrame) -> frozenset[str]:
    """Return the folded names under which a frame may let in whoever sent it."""
    valid = frozenset(folded(asked.name) for asked in sent.reading.messages if asked.verb is Verb.JOIN)
    return valid or _badly_asked(sent)


def _badly_asked(sent: SentFrame) -> frozenset[str]:
    """Return the folded names under which a lenient server might let in whoever sent a frame that must be refused."""
    return frozenset() if sent.reading.messages else _names_in(sent.frame)


@functools.lru_cache(maxsize=8192)
def _names_in(frame: bytes) -> frozenset[str]:
    return frozenset(map(folded, texts_in(frame))) if b"username" in frame.lower() else frozenset()


def _fit_message(state: int, sent: SentFrame, received: ReceivedFrame, verb: Verb) -> float:
    frame = received.frame
    asked = [asked for asked in sent.reading.messages if asked.verb is verb]
    if not asked:
        # A frame that had to be refused was taken: that is what both lack and excess would say.
        return 1.4 if not sent.reading.messages and not sent.optional else _NEVER
    exact = any(
        frame.text == message.content and (verb is Verb.PUBLIC or frame.name == message.name) for message in asked
    )
    return (0.0 if exact else 1.5) + (0.0 if state else 1.0)


def taken_for(sent: SentFrame, received: ReceivedFrame | None) -> Asked | None:
    """Return the message that a server took a frame for: by its answer, or the likeliest if there is none."""
    messages = sent.reading.messages
    if received is not None:
        for asked in messages:
            if asked.content == received.frame.text:
                return asked
    return messages[0] if messages else None
