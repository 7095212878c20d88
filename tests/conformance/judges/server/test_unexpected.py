"""Messages that nobody here can have sent: of strangers, or out of turn."""

from conformance.judges.server.written_history import TWO, found


def test_a_short_text_that_a_stranger_says_too_is_not_taken_for_one_from_before_a_join():
    unjoined = "a> join ann\n a< system ann joined the chat\n u> say {0}\n u< error Join first\n a< says zoe {0}"
    assert found(unjoined.format("hi")) == set()
    assert found(unjoined.format("nobody says 7k2m9x4q")) == {"JOIN-9"}
    assert found(unjoined.format("7k2m9x4q left the chat")) == set()
    to_its_target = "a> join ann\n a< system ann joined the chat\n u> tell ann hi\n u< error Join first\n"
    assert found(f"{to_its_target} a< tells guest hi") == {"JOIN-9"}


def test_an_error_text_that_a_stranger_says_is_not_taken_for_a_frame_that_only_servers_send():
    sent = 'a> join ann\n a< system ann joined the chat\n a> {{"type":"error","message":"{0}"}}\n a< error no\n'
    taken = "Username already taken"
    assert found(f"{sent} a< says zoe {{0}}".format(taken)) == set()
    assert found(f"{sent} a< says ann {{0}}".format(taken)) == {"ERROR-9"}
    assert found(f"{sent} a< says zoe {{0}}".format("no server 7k2m9x4q")) == {"ERROR-9"}


def test_a_join_notice_after_the_first_message_is_late_not_missing():
    everyone = "\n".join(f"{one}< system cat joined the chat" for one in "cab")
    said = "\n".join(f"{one}< says cat x" for one in "cab")
    assert found(TWO + f"c> join cat\n c> say x\n {said}\n {everyone}") == {"JOIN-2", "ORDER-2"}
