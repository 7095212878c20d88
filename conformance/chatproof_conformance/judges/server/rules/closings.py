"""Connections that the server ended although SPEC.md lets them go on."""

from bisect import bisect_left
from itertools import accumulate

from chatproof_conformance.judges.server.history import RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.refusals import refusal_requirement, wrong_refusal_requirement
from chatproof_conformance.judges.server.wording import describe_sent
from chatproof_schemas import UNENDED_FRAME_BYTES

UNJOINED_SECONDS = 10
"""After this time a server may end a connection that has not joined (JOIN-12)."""
UNENDED_SECONDS = 10
"""After this time a server may end a connection whose line has no end (section 5)."""
_SILENT_SECONDS = 2.0
"""Who ends a connection so long after its last bytes does not do so for what they were."""
_OLD_SECONDS = 2.5
"""From this age on a connection that has not joined may be ended for its age."""
_STRIKES = 5
"""After so many errors their number may be why a server ends a connection."""
_ON_ITS_WAY = 16384
"""So few bytes do not show that a client left anything unread."""
_MAY_END = ("JOIN-8",)
"""Requirements of an error that say nothing of the connection going on."""


def judge_closings(connections: list[RecordedConnection], collector: FindingCollector, *, settled: bool) -> None:
    """Report each connection that the server ended after a refused frame, or instead of answering, and lived on."""
    last_answered = max((sent.at for connection in connections for sent in connection.sent if sent.answer), default=-1)
    alive = settled and any(connection.open for connection in connections)
    closings = _Closings(connections, collector)
    for connection in connections:
        if connection.server_ended < connection.ended and (alive or last_answered > connection.server_ended):
            closings.judge(connection)


class _Closings:
    def __init__(self, connections: list[RecordedConnection], collector: FindingCollector) -> None:
        self._collector = collector
        said = [sent for connection in connections for sent in connection.sent if sent.asked and sent.answer]
        said.sort(key=lambda sent: sent.at)
        self._said_at = [sent.at for sent in said]
        self._said = [0, *accumulate(len(sent.frame) for sent in said)]
        self._survived = {_requirement(sent) for connection in connections for sent in _went_on_after(connection)}

    def judge(self, connection: RecordedConnection) -> None:
        """Report an end that nothing allows, under what its last frame asked for, or as that of one who was idle."""
        answered = [sent for sent in connection.sent if sent.answer is not None]
        pending = [sent for sent in connection.sent if sent.answer is None and not sent.optional]
        last = answered[-1] if answered else None
        idle = connection.join is None and connection.age >= UNJOINED_SECONDS
        idle = idle or connection.unended >= UNENDED_SECONDS
        if idle or any(len(sent.frame) >= UNENDED_FRAME_BYTES for sent in connection.sent):
            return
        is_refused = last is not None and last.is_refused and connection.silence < _SILENT_SECONDS
        codes = {one.frame.message.get("code") for one in connection.received}
        if connection.join is None and "server_full" in codes:
            return  # what it had sent behind its join may be answered before the end
        survived = last is not None and _requirement(last) in self._survived
        # What others have survived is no reason; how long it has been there without joining may be one.
        too_old = connection.join is None and survived and connection.age >= _OLD_SECONDS
        strikes = sum(sent.is_refused for sent in answered) >= _STRIKES
        if last and is_refused and not too_old and not (pending and survived and not strikes):
            behind = (_requirement(pending[0]),) if pending else ()  # it may be what the server could not bear
            self._report(connection, last, _requirement(last), "an error, then the end of the connection", behind)
        elif pending and not too_old:
            self._report(connection, pending[0], _requirement(pending[0]), "the end of the connection")
        else:
            self._report(connection, last, self._idle_requirement(connection), "the end of the connection")

    def _idle_requirement(self, connection: RecordedConnection) -> str:
        if connection.join is None:
            return "JOIN-12"
        read = connection.received[-1].at if connection.received else -1
        first, last = bisect_left(self._said_at, read), bisect_left(self._said_at, connection.server_ended)
        unread = self._said[last] - self._said[first]
        if unread >= UNENDED_FRAME_BYTES:
            return ""
        return "LEAVE-7" if unread < _ON_ITS_WAY else "LOAD-5"

    def _report(
        self,
        connection: RecordedConnection,
        sent: SentFrame | None,
        requirement: str,
        actual: str,
        instead: tuple[str, ...] = (),
    ) -> None:
        if not requirement or requirement in _MAY_END:
            return
        after = f" after {describe_sent(sent)}" if sent else ""
        label, event, cause = connection.label, connection.server_ended, sent.as_cause if sent else None
        expected = f"that the connection goes on{after}"
        instead = tuple(one for one in instead if one and one != requirement)
        self._collector.report(requirement, label, expected, actual, event, cause=cause, instead=instead)
        if sent is not None:
            self._collector.derail(label, sent.line, event)


def _went_on_after(connection: RecordedConnection) -> list[SentFrame]:
    """Return the refused frames after which another one was answered."""
    answered = [sent for sent in connection.sent if sent.answer is not None]
    return [sent for sent in answered[:-1] if sent.is_refused]


def _requirement(sent: SentFrame) -> str:
    """Return what an end in answer to a frame breaks."""
    if sent.reading.requirement == "ERROR-10":
        return "ERROR-10"  # in any state
    requirement = refusal_requirement(sent, joined=sent.is_after_join)
    if requirement:
        return requirement
    return "JOIN-5" if sent.answer and sent.reading.type == "join" else wrong_refusal_requirement(sent)
