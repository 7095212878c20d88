"""What the judge finds of connections that the server ends."""

import pytest

from conformance.judges.server.written_history import found

TALK = """\
a> join ann
a< system ann joined the chat
"""
AFTER = """\
a> say still here
a< says ann still here
"""
FULL = '{"type": "error", "message": "The server is full", "code": "server_full"}'
FIRST = '{"type": "error", "message": "Join first", "code": "not_joined"}'


@pytest.mark.parametrize(
    ("traffic", "broken"),
    [
        (f"c> join cyd\nc> say hello\nc< {FULL}\nc< {FIRST}", set()),
        (f"c> say hello\nc< {FIRST}", {"JOIN-9"}),
    ],
)
def test_who_finds_the_server_full_may_be_ended_behind_what_it_has_sent_meanwhile(traffic, broken):
    assert found(f"{TALK}{traffic}\nc! server_close\n{AFTER}") == broken


@pytest.mark.parametrize(("seconds", "broken"), [(11, set()), (3, {"FRAME-2"})])
def test_a_line_that_is_ended_when_the_server_gives_it_up_says_nothing(seconds, broken):
    join = "c> join cyd\nc< system cyd joined the chat\na< system cyd joined the chat\n"
    line = f'-! note\nc> {{"type":"message",…\n-! note {seconds}\nc> "content":"hi"}}\nc! server_close\n'
    assert found(TALK + join + line + "a< system cyd left the chat\n" + AFTER) - {"TIME-1"} == broken
