"""Messages that nobody here can have sent: of strangers, or out of turn."""

from conformance.judges.server.written_history import found


def test_a_short_text_that_a_stranger_says_too_is_not_taken_for_one_from_before_a_join():
    unjoined = "a> join ann\n a< system ann joined the chat\n u> say {0}\n u< error Join first\n a< says zoe {0}"
    assert found(unjoined.format("hi")) == set()
    assert found(unjoined.format("nobody says this by chance")) == {"JOIN-9"}
    to_its_target = "a> join ann\n a< system ann joined the chat\n u> tell ann hi\n u< error Join first\n"
    assert found(f"{to_its_target} a< tells guest hi") == {"JOIN-9"}
