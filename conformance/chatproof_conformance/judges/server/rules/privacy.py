"""Nobody else hears what is written to somebody, or who writes to whom, in whatever words (PRIVATE-2)."""

from collections.abc import Sequence

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb, texts_in
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.sent_index import is_unmistakable, tokens_in
from chatproof_conformance.judges.server.server_frames import MessageKind

_SPEAKS_ITSELF = (MessageKind.ERROR, MessageKind.SYSTEM, MessageKind.CONFIRMATION)
_Pairs = dict[frozenset[str], SentFrame]


def judge_privacy(connections: Sequence[RecordedConnection], members: Members, collector: FindingCollector) -> None:
    """Report texts to others with a word of an earlier private message, and such as name its sender and target.

    A server may name people for other reasons: it may list who is present, or tell several joins or leaves at once. So
    both must be users of whom the recipient has heard, who have not left, and nobody else may be named.
    """
    _judge_texts(connections, members, collector)
    pairs = _private_pairs(connections)
    for connection in connections if pairs else ():
        _judge_recipient(connection, pairs, members, collector)


def _judge_texts(connections: Sequence[RecordedConnection], members: Members, collector: FindingCollector) -> None:
    """Report what the server says itself, in a word of somebody's private message."""
    told = [(received, words) for one in connections for received in one.received if (words := _words_of(received))]
    secrets = _secrets(connections, members) if told else {}
    for received, words in told:
        for sent in (secrets[word] for word in words if word in secrets):
            target = sent.asked.name if sent.asked else ""
            if sent.at < received.at and received.connection.name not in (target, sent.connection.name):
                expected = f"nothing of a private message to {quoted(target)}"
                collector.report_received("PRIVATE-2", received, expected, cause=sent)


def _words_of(received: ReceivedFrame) -> set[str]:
    frame = received.frame
    if frame.kind not in _SPEAKS_ITSELF:
        return set()
    text = frame.message.get("reason") if frame.kind is MessageKind.CONFIRMATION else frame.text
    return tokens_in(text) if isinstance(text, str) else set()


def _secrets(connections: Sequence[RecordedConnection], members: Members) -> dict[str, SentFrame]:
    """Return the words that were sent in private messages alone, and are part of nobody's name."""
    private: dict[str, SentFrame] = {}
    others = {word for name in members.by_name for word in tokens_in(name)}
    for sent in (sent for connection in connections for sent in connection.sent):
        if sent.asked is not None and sent.asked.verb is Verb.PRIVATE:
            private.update(dict.fromkeys(tokens_in(sent.asked.content), sent))
        else:
            others |= {word for text in texts_in(sent.frame) for word in tokens_in(text)}
    return {word: sent for word, sent in private.items() if word not in others}


def _private_pairs(connections: Sequence[RecordedConnection]) -> _Pairs:
    """Return the first private message between any two users, but to oneself."""
    pairs: _Pairs = {}
    sent = [sent for connection in connections if connection.name for sent in connection.sent]
    for one in sorted(sent, key=lambda one: one.at):
        if one.asked is not None and one.asked.verb is Verb.PRIVATE:
            names = frozenset((one.asked.name, one.connection.name or ""))
            if len(names) > 1 and all(map(is_unmistakable, names)):
                pairs.setdefault(names, one)
    return pairs


def _judge_recipient(
    connection: RecordedConnection, pairs: _Pairs, members: Members, collector: FindingCollector
) -> None:
    present: set[str] = set()
    for received in connection.received:
        kind, name = received.frame.kind, received.frame.name
        if kind in (MessageKind.JOINED, MessageKind.PUBLIC):
            present.add(name)
        elif kind is MessageKind.LEFT:
            present.discard(name)
        elif kind is MessageKind.SYSTEM and received.at > connection.list_until:
            names = frozenset(members.names_in(received.frame.text))
            sent = pairs.get(names)
            if sent and sent.at < received.at and connection.name not in names and names <= present:
                _report(received, sent, names, members, collector)


def _report(
    received: ReceivedFrame, sent: SentFrame, names: frozenset[str], members: Members, collector: FindingCollector
) -> None:
    ends = (min(one.connection.ended, one.connection.server_ended) for name in names for one in members.by_name[name])
    if min(ends, default=FOREVER) > received.at:
        collector.report_received("PRIVATE-2", received, "nothing about who writes to whom", cause=sent)
