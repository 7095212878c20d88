"""Nobody else hears who writes to whom, not even in a system message (PRIVATE-2)."""

from collections.abc import Sequence

from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.history import FOREVER, ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.sent_index import is_unmistakable
from chatproof_conformance.judges.server.server_frames import MessageKind

_Pairs = dict[frozenset[str], SentFrame]


def judge_privacy(connections: Sequence[RecordedConnection], members: Members, collector: FindingCollector) -> None:
    """Report system messages to others that name the sender and the target of an earlier private message.

    A server may name people for other reasons: it may list who is present, or tell several joins or leaves at once. So
    both must be users of whom the recipient has heard, who have not left, and nobody else may be named.
    """
    pairs = _private_pairs(connections)
    for connection in connections if pairs else ():
        _judge_recipient(connection, pairs, members, collector)


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
