"""How much a recording proves: what was checked, by requirement, and how often silence was proven."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import FOREVER, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.membership import Member, Members, folded
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas.transcript import Kind

_SEEN = {
    MessageKind.JOINED: "JOIN-1",
    MessageKind.PUBLIC: "PUBLIC-1",
    MessageKind.PRIVATE: "PRIVATE-1",
    MessageKind.LEFT: "LEAVE-1",
}


def count_evidence(
    connections: list[RecordedConnection],
    members: Members,
    expected: Iterable[ExpectedDelivery],
    collector: FindingCollector,
    *,
    settled: bool,
) -> None:
    """Count the checks that could have failed."""
    for delivery in expected:
        _count_delivery(delivery, collector)
    for connection in connections:
        for sent in connection.sent:
            if sent.answer is not None:
                _count_form(sent, collector)
            elif sent.optional and sent.reading.requirement == "FRAME-7" and sent.by != FOREVER:
                collector.evidence["FRAME-7"] += 1
    _count_lives(connections, members, collector)
    quiet = _Quiet(connections)
    for connection in connections:
        proven = quiet.proven_at(connection, members.of.get(connection), settled=settled)
        collector.silences += proven
        collector.evidence["ERROR-11"] += proven


def _count_delivery(delivery: ExpectedDelivery, collector: FindingCollector) -> None:
    reset = delivery.kind is MessageKind.LEFT and delivery.source.end is Kind.RESET
    counted = ["LEAVE-2" if reset else _SEEN[delivery.kind]]
    if delivery.kind is MessageKind.PUBLIC:
        counted += ["PUBLIC-2", "ORDER-1", "ORDER-2"]
        counted += ["PUBLIC-3"] if delivery.sent and "PUBLIC-3" in delivery.sent.reading.features else []
        counted += ["LEAVE-6"] if _is_behind_the_end(delivery) else []
    elif delivery.kind is MessageKind.PRIVATE:
        counted += ["PRIVATE-2", "ORDER-1"]
        counted += ["PRIVATE-3"] if delivery.targets and delivery.source in delivery.targets else []
    elif delivery.kind is MessageKind.LEFT:
        counted += ["LEAVE-3", "ORDER-2"]
    if delivery.kind in (MessageKind.JOINED, MessageKind.LEFT):
        counted.append("JOIN-13")
    for name in counted:
        collector.evidence[name] += len(delivery.seen)


def _is_behind_the_end(delivery: ExpectedDelivery) -> bool:
    """Whether a message may have been handled after the client had ended its stream."""
    sent, source = delivery.sent, delivery.source
    in_time = sent is not None and sent.answer is not None and sent.answer.at < source.ended
    return source.end in (Kind.HALF_CLOSE, Kind.CLOSE) and not in_time


def _count_lives(connections: list[RecordedConnection], members: Members, collector: FindingCollector) -> None:
    """Count names that had several holders, or holders with a name like them, and ends of who never joined."""
    alike = Counter(folded(name) for name in members.by_name)
    collector.evidence["JOIN-7"] += sum(number - 1 for number in alike.values())
    collector.evidence["LEAVE-4"] += sum(len(holders) - 1 for holders in members.by_name.values())
    watched = any(connection.open and connection.join is not None for connection in connections)
    silent = [one for one in connections if one.join is None and one.ended != FOREVER]
    collector.evidence["LEAVE-5"] += len(silent) if watched else 0


def _count_form(sent: SentFrame, collector: FindingCollector) -> None:
    collector.evidence["FRAME-2"] += sent.split
    collector.evidence["FRAME-3"] += sent.shared
    for requirement in sent.reading.features:
        if requirement.startswith("FRAME"):
            collector.evidence[requirement] += 1


class _Quiet:
    """The frames that cause nothing at others: all where nobody has joined; else what is refused, and private ones."""

    def __init__(self, connections: list[RecordedConnection]) -> None:
        self._every = {
            connection: [sent.at for sent in connection.sent if not sent.optional] for connection in connections
        }
        self._silent = {
            connection: [sent.at for sent in connection.sent if _is_silent(sent)] for connection in connections
        }
        self._to = Counter(
            (connection, sent.asked.name)
            for connection in connections
            for sent in connection.sent
            if sent.asked is not None and _is_silent(sent)
        )
        self._all, self._all_silent = _total(self._every), _total(self._silent)
        self._all_to: Counter[str] = Counter()
        for (_, name), count in self._to.items():
            self._all_to[name] += count

    def proven_at(self, connection: RecordedConnection, member: Member | None, *, settled: bool) -> int:
        """Return how many frames of others caused nothing here, as far as what came later proves that they did."""
        frames = self._every if member is None else self._silent
        if settled and connection.open:
            if member is None:
                return self._all - len(frames[connection])
            to_it = self._all_to[member.name] - self._to[connection, member.name]
            return self._all_silent - len(frames[connection]) - to_it
        last = {received.cause.connection: received.cause.at for received in connection.received if received.cause}
        last.pop(connection, None)
        return sum(bisect_left(frames[other], at) for other, at in last.items())


def _total(frames: dict[RecordedConnection, list[int]]) -> int:
    return sum(map(len, frames.values()))


def _is_silent(sent: SentFrame) -> bool:
    return not sent.optional and (sent.asked is None or sent.asked.verb is Verb.PRIVATE)
