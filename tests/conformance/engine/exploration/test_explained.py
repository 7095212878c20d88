"""Symptoms that a root explains are not shown beside it; what is put to a test of its own is."""

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.engine.exploration.explained import error_in, explains

STRAY = Finding("ERROR-11", "no error", 'error "No"')
CUT_OFF = Finding("LOAD-5", "that the connection goes on", "got its end")
CONFIRMED = b'{"type":"private_confirmation","target":"a","content":"b","delivered":true}'
ASTRAY = Finding("PRIVATE-2", "nothing", "x", frames=(CONFIRMED,))
LEAK = Finding("PRIVATE-2", "nothing", "x", frames=(b'{"type":"private_message","sender":"a","content":"b"}',))
SILENCE = Finding("LOAD-3", "a newcomer's join to succeed", "nothing for 2 s")
NO_ANSWER = Finding("ERROR-1", "an error", "no answer")
ENDED = Finding("FRAME-6", "that the connection goes on", "the end of the connection")
ERROR = Finding("JOIN-8", "one error", "two", frames=(b'{"type":"error","message":"No 5"}',))
MESSAGE = Finding("PUBLIC-1", "once", "twice", frames=(b'{"type":"message"}',))
NO = (b'{"type":"error","message":"No"}',)
REFUSED = Finding("CONFIRM-2", 'that the private message "b" to "a" is taken', "an error", frames=NO)
REFUSED_MORE = Finding("PUBLIC-3", 'that the private message "c" to "d" is taken', "an error", frames=NO)
REFUSED_TO_ALL = Finding("PRIVATE-1", 'that the private message "b" to "c" is taken', "an error", frames=NO)
STRAY_NO = Finding("ERROR-11", "no error", 'error "No"', frames=NO)
LATE = Finding(
    "ORDER-1", "in order", "out of order", frames=(b'{"type":"private_message","sender":"a","content":"b"}',)
)
LOST = Finding("PRIVATE-1", 'the private message "b" to "a"', "nothing of it")
LOST_IN_PUBLIC = Finding("PUBLIC-1", 'the public message "b"', "nothing of it", situation="a wave")
HALF = Finding("FRAME-2", "the content as sent", 'message "\ufffd"')
HALF_CONFIRMED = Finding("CONFIRM-1", "a confirmation", 'private_confirmation of "\ufffd"')
IDLE = Finding("JOIN-12", "that the connection goes on", "the end of the connection")
ENDED_UNJOINED = Finding("JOIN-9", "that the connection goes on", "an error, then the end of the connection")
UNORDERED = Finding("ORDER-3", "the same order as at a", "the other way round")
TOO_EARLY = Finding("PUBLIC-1", "no message from before the join or after", "message")
TOLD_LEFT = Finding("LEAVE-1", 'system "a left the chat"', "nothing of it")


@pytest.mark.parametrize(
    ("root", "symptoms"),
    [
        (STRAY, [NO_ANSWER, ERROR]),
        (STRAY_NO, [NO_ANSWER, ERROR]),
        (REFUSED, [STRAY_NO, REFUSED_MORE]),
        (REFUSED_TO_ALL, [REFUSED, STRAY_NO, REFUSED_MORE]),
        (CUT_OFF, [ENDED, LOST, IDLE, ENDED_UNJOINED, TOLD_LEFT]),
        (SILENCE, [NO_ANSWER, LOST, TOLD_LEFT]),
        (LATE, [LOST]),
        (HALF, [HALF_CONFIRMED]),
        (IDLE, [ENDED_UNJOINED]),
        (ASTRAY, [NO_ANSWER]),
        (LEAK, []),
        (NO_ANSWER, []),
        (MESSAGE, []),
        (UNORDERED, [TOO_EARLY]),
    ],
    ids=lambda value: getattr(value, "requirement", None),
)
def test_a_root_explains_its_symptoms_alone(root, symptoms):
    others = [STRAY, CUT_OFF, SILENCE, NO_ANSWER, ENDED, ERROR, MESSAGE, REFUSED, STRAY_NO, LATE, LOST, LOST_IN_PUBLIC]
    others += [REFUSED_MORE, HALF, HALF_CONFIRMED, IDLE, ENDED_UNJOINED, TOLD_LEFT, REFUSED_TO_ALL, TOO_EARLY]
    assert [other for other in others if explains(root, other)] == symptoms


def test_errors_are_alike_whatever_numbers_they_have():
    assert error_in(ERROR) == "No "
    assert error_in(MESSAGE) is None
