"""A conversation is played as it is written, each window is judged, and nothing that is missing is waited for long."""

import asyncio
import time

import pytest

from chatproof_conformance.endpoints.served.conversing import OPENING
from chatproof_conformance.engine.conversations.copies import Copies
from chatproof_conformance.space.conversation.acts import Asked, Raw, Said
from chatproof_conformance.space.conversation.messages import valid_message
from chatproof_conformance.space.conversation.script import Answers, End, Opening, Reading, Script, Stage
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_schemas.transcript import Kind
from support.own_client import client_command, write_driver

TALK = Stage((
    Said("message: plain", valid_message("message", "hi")),
    Raw("bad: a brace", b"{"),
    Asked("say: plain", "hello"),
    Asked("whisper: lost", "psst", "nobody", delivered=False),
))  # fmt: skip
OTHERS = {Opening.REFUSED: ("first",), Opening.REFUSED_TWICE: ("first", "second")}
EVERY = [Script("ann", opening, (TALK,), end, OTHERS.get(opening, ())) for opening in Opening for end in End]


def played(command, *scripts, factor=1.0):
    """Play conversations one after the other; return how each went."""

    async def run():
        copies = Copies(command)
        try:
            return [await copies.play(script, factor=factor) for script in scripts]
        finally:
            copies.close()

    return asyncio.run(run())


@pytest.mark.parametrize("name", ["client-baseline", "client-ends-with-its-connection", "client-leaves-when-refused"])
def test_of_a_right_client_nothing_is_wrong_however_it_opens_and_ends(name):
    for one in played(client_command(name), *EVERY):
        assert one.failed is None, (one.script, one.findings)
    assert not one.findings


def test_what_is_put_to_the_test_is_counted():
    (one,) = played(client_command("client-baseline"), Script("ann", Opening.REFUSED, (TALK,), End.FIN, ("first",)))
    asked = {"CLIENT-1", "CLIENT-2", "CLIENT-3", "CLIENT-4", "CLIENT-6", "CLIENT-7", "CLIENT-8", "CLIENT-9"}
    assert {*one.tested} >= {*asked, "CLIENT-13", "CLIENT-14", "CLIENT-17"}
    assert one.told_joined
    assert one.reached == 1


def sent(one):
    return [event.data for event in one.events if event.kind is Kind.SERVER_DATA]


def test_a_stream_is_cut_where_its_stage_says_and_answers_come_when_it_says():
    asked = (Asked("say: one", "one"), Asked("say: two", "two"))
    cut = Stage((TALK.acts[0],), cuts=(3, 5))
    reversed_ = Stage(asked, segmentation=Segmentation.PER_FRAME, answers=Answers.REVERSED, reading=Reading.SLOW)
    (one,) = played(client_command("client-baseline"), Script("ann", stages=(cut, reversed_)))
    assert one.failed is None
    frames = sent(one)
    assert [len(frame) for frame in frames[1:3]] == [3, 2]
    answers = [frame for frame in frames if b'"username":"ann"' in frame]
    assert [b"two" in answers[0], b"one" in answers[1]] == [True, True]


def test_a_failure_says_where_it_is_and_the_rest_is_not_played():
    stages = (Stage((TALK.acts[0],)), Stage((Raw("bad: hello", b"hello"),)), TALK)
    (one,) = played(client_command("client-shows-garbage"), Script("ann", stages=stages))
    assert (one.failed, one.reached) == (1, 1)
    assert one.findings[0].requirement == "CLIENT-4"
    assert not one.is_late


def test_a_client_that_never_joins_fails_at_its_opening():
    (one,) = played(client_command("client-never-joins"), Script("ann"))
    assert one.failed == OPENING
    assert one.findings[0].requirement == "CLIENT-1"
    assert one.is_late


def test_what_does_not_come_is_waited_for_in_proportion_to_what_has():
    began = time.monotonic()
    (one,) = played(client_command("client-fails-in-silence"), Script("ann", stages=(TALK, TALK, TALK)))
    assert one.findings[0].requirement == "CLIENT-9"
    assert time.monotonic() - began < 10


def test_a_process_is_used_again_until_it_ends_and_a_stuck_one_never():
    async def run(name, *scripts):
        copies = Copies(client_command(name))
        try:
            return [await copies.play(script) for script in scripts], copies.started
        finally:
            copies.close()

    _, started = asyncio.run(run("client-baseline", *EVERY[:6]))
    assert started == 1
    _, started = asyncio.run(run("client-ends-with-its-connection", *EVERY[:6]))
    assert started >= 6
    _, started = asyncio.run(run("client-end-unnoticed", Script("ann", end=End.FIN), Script("ann", end=End.FIN)))
    assert started == 2


def test_a_death_is_told_with_its_last_words(tmp_path):
    body = """
for line in sys.stdin:
    asked = json.loads(line)
    link = socket.create_connection((asked["host"], asked["port"]))
    link.sendall(json.dumps({"type": "join", "username": asked["username"]}).encode() + b"\\n")
    link.recv(100)
    print("no more", file=sys.stderr, flush=True)
    os._exit(4)
"""
    (one,) = played(write_driver(tmp_path / "driver.py", body), Script("ann"))
    assert one.findings[0].actual == "the client's process ended with exit status 4; it printed: no more"
