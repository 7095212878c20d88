"""What a server says of its own accord is known for that, and what it says of an attempt to join is not."""

import asyncio

import pytest

from chatproof_conformance.engine.exploration.judging import Judging
from chatproof_conformance.judges.server import judge
from chatproof_conformance.judges.server.chatter import is_chatter
from conformance.judges.server.written_history import STARTED, history

ANN, BOB = "ann7x2k9q", "bob7x2k9q"
TOGETHER = f"""
a> join {ANN}
a< system {ANN} joined the chat
b> join {BOB}
b< system {BOB} joined the chat
a< system {BOB} joined the chat
a> say hello
a< says {ANN} hello
b< says {ANN} hello
"""
ATTEMPT = f"""\
c> join {ANN}
c< error Username already taken
a< system {ANN} is here still
"""


def chatter(text):
    return judge(history(text), settled=True, started=STARTED).chatter


def system(text):
    return b'{"type":"system","message":"%s","timestamp":"12:00:00"}' % text.encode()


def test_what_is_said_of_a_user_of_whom_nobody_has_asked_is_chatter():
    known = chatter(f"{TOGETHER}a< system {BOB} is here, since 12 minutes\nb< system {ANN}")
    assert is_chatter(system(f"{ANN} is here, since 7 minutes"), known)
    assert is_chatter(system(BOB), known)
    assert not is_chatter(system(f"{ANN} is there, since 7 minutes"), known)
    assert not is_chatter(b'{"type":"error","message":"%s"}' % ANN.encode(), known)


@pytest.mark.parametrize(
    "text",
    [
        ATTEMPT,
        f"a< system {BOB} left the chat",
        f"b! half_close\na< system {BOB} has gone",
        f"a< system {ANN} and {BOB} are here",
        "a< system nobody is here",
        "c> join cyd7x2k9q\nc< system cyd7x2k9q joined the chat\na< system cyd7x2k9q has come",
    ],
)
def test_what_may_have_a_cause_is_none(text):
    assert not chatter(TOGETHER + text)


def test_a_server_that_says_such_things_unasked_is_not_accused_when_somebody_asks():
    async def judged(*texts):
        judging = Judging()
        return [(await judging.judge(history(TOGETHER + text), "lf", STARTED)).findings for text in texts]

    unasked = f"b< system {BOB} is here still"
    (accused,) = asyncio.run(judged(ATTEMPT))
    assert [finding.requirement for finding in accused] == ["JOIN-4"]
    assert asyncio.run(judged(unasked, ATTEMPT)) == [(), ()]
