"""Who held a name when several raced for it."""

from conformance.judges.server.written_history import found


def test_two_winners_of_a_race_for_a_name():
    race = "a> join x\n b> join x\n a< system x joined the chat\n b< system x joined the chat"
    assert "JOIN-6" in found(race)
    assert found("a> join x\n b> join x\n a< system x joined the chat\n b< error Username already taken") == set()
