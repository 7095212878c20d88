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


@pytest.mark.parametrize(
    ("root", "symptoms"),
    [
        (STRAY, [NO_ANSWER, ERROR]),
        (CUT_OFF, [ENDED]),
        (SILENCE, [NO_ANSWER]),
        (ASTRAY, [NO_ANSWER]),
        (LEAK, []),
        (NO_ANSWER, []),
        (MESSAGE, []),
    ],
    ids=lambda value: getattr(value, "requirement", None),
)
def test_a_root_explains_its_symptoms_alone(root, symptoms):
    others = [STRAY, CUT_OFF, SILENCE, NO_ANSWER, ENDED, ERROR, MESSAGE]
    assert [other for other in others if explains(root, other)] == symptoms


def test_errors_are_alike_whatever_numbers_they_have():
    assert error_in(ERROR) == "No "
    assert error_in(MESSAGE) is None
