"""What the judge finds of answers: errors and confirmations."""

import pytest

from chatproof_conformance.judges.server import judge
from chatproof_schemas.transcript import Event, Kind
from conformance.judges.server.written_history import TWO, assert_found, history

HISTORIES = [
    ("CONFIRM-1", "a> tell bob x\n b< tells ann x", "a> tell bob x\n b< tells ann x\n a< told bob x"),
    ("CONFIRM-2", "a> tell eve x\n a< told eve x", "a> tell eve x\n a< untold eve x"),
    ("ERROR-3", 'a> {"type":"dance"}', 'a> {"type":"dance"}\n a< error no'),
    ("ERROR-1", "a> nonsense\n a< error no\n a< error no", "a> nonsense\n a> nonsense\n a< error no\n a< error no"),
    ("ERROR-11", "a> nonsense\n a< error no\n b< error no", "a> nonsense\n b> nonsense\n a< error no\n b< error no"),
    ("ERROR-12", 'a> []\n a< {"type":"error","message":"no","code":"unknown_type"}', "a> []\n a< error no"),
    (
        "ERROR-8",
        'a> {"type":"message","content":"x","content":"y"}\n a< says ann y\n b< says ann y',
        'a> {"type":"message","content":"x","content":"y"}\n a< error no',
    ),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)


def test_a_frame_may_be_refused_as_soon_as_it_is_too_long():
    events = history(TWO + "a< error The frame is too long")
    for start, answered in ((b"x" * 1025, True), (b"x" * 1024, False)):
        sent = [Event(1.0, "a", Kind.CLIENT_DATA, start), Event(1.1, "a", Kind.CLIENT_DATA, b"xx\n")]
        findings = judge([*events[:-1], sent[0], events[-1], sent[1]], settled=True).findings
        assert bool(findings) is not answered
