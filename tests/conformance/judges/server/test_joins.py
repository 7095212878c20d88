"""What the judge finds of joins."""

import pytest

from conformance.judges.server.written_history import assert_found

HISTORIES = [
    ("JOIN-7", "a> tell Bob x\n a< untold Bob x\n b< tells ann x", "a> tell Bob x\n a< untold Bob x"),
    ("JOIN-10", "a> join eve\n a< system eve joined the chat", "a> join eve\n a< error no"),
    ("JOIN-4", "c> join ann\n c< system ann joined the chat", "c> join ann\n c< error Username already taken"),
    ("JOIN-5", "c> join ann\n c< error no", "c> join ann\n c< error Username already taken"),
    ("JOIN-1", "c> join cat\n c< error Username already taken", "c> join ann\n c< error Username already taken"),
    ("JOIN-7", "c> join Ann\n c< error Username already taken", "c> join ann\n c< error Username already taken"),
    ("JOIN-9", "c> say x\n c< says cat x", "c> say x\n c< error no"),
    (
        "JOIN-11",
        "c! open\n a> say x\n a< says ann x\n b< says ann x\n c< says ann x",
        "c! open\n a> say x\n a< says ann x\n b< says ann x",
    ),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)
