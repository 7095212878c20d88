"""Connections that the server ended although SPEC.md lets them go on."""

from chatproof_conformance.judges.server.history import FOREVER, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.refusals import refusal_requirement, wrong_refusal_requirement
from chatproof_conformance.judges.server.wording import describe_sent
from chatproof_schemas import UNENDED_FRAME_BYTES

_MAY_END = ("JOIN-8",)
"""Requirements of an error that say nothing of the connection going on."""


def judge_closings(connections: list[RecordedConnection], collector: FindingCollector, *, settled: bool) -> None:
    """Report each connection that the server ended after a refused frame, or instead of answering, and lived on."""
    last_answered = max((sent.at for connection in connections for sent in connection.sent if sent.answer), default=-1)
    alive = settled and any(connection.open for connection in connections)
    for connection in connections:
        if connection.server_ended < connection.ended and (alive or last_answered > connection.server_ended):
            _judge(connection, collector)


def _judge(connection: RecordedConnection, collector: FindingCollector) -> None:
    answered = [sent for sent in connection.sent if sent.answer is not None]
    pending = [sent for sent in connection.sent if sent.answer is None and not sent.optional]
    if any(len(sent.frame) >= UNENDED_FRAME_BYTES for sent in connection.sent):
        return
    last = answered[-1] if answered else None
    if last is not None and last.answer is not None and last.is_refused:
        if last.answer.frame.message.get("code") != "server_full":
            _report(connection, last, "an error, then the end of the connection", collector)
    elif pending:
        _report(connection, pending[0], "the end of the connection", collector)


def _report(connection: RecordedConnection, sent: SentFrame, actual: str, collector: FindingCollector) -> None:
    requirement = refusal_requirement(sent, joined=sent.is_after_join)
    if not requirement:
        requirement = "JOIN-5" if sent.answer and sent.reading.type == "join" else wrong_refusal_requirement(sent)
    if requirement not in _MAY_END:
        expected = f"that the connection goes on after {describe_sent(sent)}"
        event = connection.server_ended if connection.server_ended != FOREVER else None
        collector.report(requirement, connection.label, expected, actual, event)
