"""Frames of a server that are none, or not as the schemas say (FRAME-1, FRAME-8), or repeat too much (PUBLIC-4)."""

import json
import re
from typing import Any

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.judgement import FindingCollector
from chatproof_conformance.judges.server.sent_index import SentIndex, is_unmistakable
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas import Direction, members_of

_FREE_TEXTS = {"reason"}
"""What servers say in words of their own."""
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf]|\\u[dD][89a-fA-F]")
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A character beyond U+FFFF, written as two surrogates: that is not UTF-8, but no lone surrogate."""


def judge_forms(connections: list[RecordedConnection], index: SentIndex, collector: FindingCollector) -> None:
    """Report each frame that is malformed, with the frame that it answers as far as that is known."""
    own = _own_members(connections)
    for connection in connections:
        collector.evidence.update({"FRAME-1": len(connection.received), "FRAME-8": len(connection.received)})
        for received in connection.received:
            if received.unended or received.frame.unreadable:
                _judge_framing(received, index, collector)
            elif received.frame.invalid:
                expected = "messages that are valid against the schema of their type"
                cause = received.cause or index.source(received) or _unanswered(received)
                collector.report_received("FRAME-8", received, expected, received.frame.invalid, cause)
            elif received.cause is not None:
                _judge_members(received, received.cause, own, collector)


def _judge_framing(received: ReceivedFrame, index: SentIndex, collector: FindingCollector) -> None:
    frame = received.frame
    expected = "frames that are one JSON object in UTF-8 each, ended by LF, at most 8192 bytes"
    text = quoted(frame.data.decode("utf-8", "replace"))
    if not frame.unreadable:
        what = f"{quoted(frame.message.get('type'))} with no LF after it: {text}"
        collector.report_received("FRAME-1", received, expected, what, received.cause or _unanswered(received))
        return
    surrogates = index.breaking("ERROR-7", received.at) if _SURROGATE.search(_PAIR.sub(b"", frame.data)) else []
    cause = surrogates[-1] if surrogates else _unanswered(received)
    what = f"{frame.unreadable}: {text}"
    collector.report_received("ERROR-7" if surrogates else "FRAME-1", received, expected, what, cause)


def _unanswered(received: ReceivedFrame) -> SentFrame | None:
    """Return the frame of its own connection to which it is the answer if answers come in order, and none lacks."""
    waiting = None
    for sent in reversed(received.connection.sent):
        if sent.answer is not None and sent.answer.number < received.number:
            break
        if sent.answer is None and not sent.optional and sent.at < received.at:
            waiting = sent
    return waiting


def _own_members(connections: list[RecordedConnection]) -> set[str]:
    """Return the members beyond the schemas that the server adds of its own accord: no client has sent them."""
    own: set[str] = set()
    for connection in connections:
        for received in connection.received:
            added = _added(received)
            if added and received.cause is not None:
                own |= added - _members(received.cause.frame).keys()
    return own


def _added(received: ReceivedFrame) -> set[str]:
    """Return the members of a frame that its schema does not know."""
    if received.frame.kind is MessageKind.NOTHING:
        return set()
    message = received.frame.message
    return message.keys() - members_of(Direction.SERVER, message["type"]).definitions.keys() - {"type"}


def _judge_members(received: ReceivedFrame, cause: SentFrame, own: set[str], collector: FindingCollector) -> None:
    message = received.frame.message
    added = _added(received) - own
    may_repeat = added or "PUBLIC-3" in cause.reading.features or message.keys() & _FREE_TEXTS
    if not cause.reading.messages or not may_repeat:
        return
    collector.evidence["PUBLIC-4"] += 1
    given = _added_by_client(cause)
    passed = added & given.keys()
    passed |= {name for name in message.keys() & given.keys() & _FREE_TEXTS if _is_copied(message[name], given[name])}
    if passed:
        expected = "none of the members that the client added"
        collector.report_received("PUBLIC-4", received, expected, f"member {quoted(min(passed))}", cause)


def _added_by_client(sent: SentFrame) -> dict[str, Any]:
    """Return the members of a client's frame that its type does not have; the name of a join is none of these."""
    known = members_of(Direction.CLIENT, sent.reading.type).definitions.keys() if sent.reading.type else ()
    return {name: value for name, value in _members(sent.frame).items() if name not in known}


def _is_copied(text: object, given: object) -> bool:
    return text == given and isinstance(text, str) and is_unmistakable(text)


def _members(frame: bytes) -> dict[str, Any]:
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
