"""A leave may be told 10 seconds late; that it never is, or twice, is known when the ledger is settled."""

import asyncio

import pytest

from chatproof_conformance.endpoints.waves.wave import run_wave
from chatproof_conformance.space.patterns import act
from chatproof_conformance.space.script import End, Script
from support.scripts import WORDS, saying
from support.workshop import workshop_with

SCRIPTS = [saying(*WORDS, end=end) for end in (End.FIN, End.RESET, End.HALF_FRAME, End.FIN_BEHIND)]
LATE = """
def leave(self, connection, name):
    if not hasattr(connection, "leaves"):
        connection.leaves = True
        self.loop.call_later({}, lambda: ChatServer.leave(self, connection, name))
"""
TOLD = """
def leave(self, connection, name):
    super().leave(connection, name)
    for seconds in {}:
        self.loop.call_later(seconds, lambda: self.send_leave_notice(connection, name))
"""
NEVER = "def send_leave_notice(self, connection, name): pass"
OTHER_WORDS = 'def leave_text(self, name): return f"Goodbye, {name}!"\n'


def settled(server, *, waves=1, seconds=0.0, scripts=SCRIPTS):
    """Play waves; return what is wrong with them at once, and what is when the leaves are settled, and how long."""

    async def run():
        async with workshop_with(server) as workshop:
            instance = await workshop.instance()
            at_once = []
            for _ in range(waves):
                record = await run_wave(instance, scripts)
                at_once += (await workshop.judge(instance, record)).findings
            await asyncio.sleep(seconds)
            began = instance.recorder.now
            await workshop.ledger.settle()
            waited = instance.recorder.now - began
            entries = list(workshop.ledger.changed())
            again = [await workshop.judge_again(instance, entry.record) for entry in entries]
            late = [one for judgement in again for one in judgement.findings]
            return at_once, late, waited

    return asyncio.run(run())


@pytest.mark.parametrize("seconds", [0.4, 3])
@pytest.mark.parametrize("words", ["", OTHER_WORDS], ids=["plain words", "other words"])
def test_a_late_leave_is_no_fault_and_is_waited_for_no_longer_than_it_takes(seconds, words, own_server):
    at_once, late, waited = settled(own_server(LATE.format(seconds) + words), waves=3)
    assert {finding.requirement for finding in (*at_once, *late)} <= ({"LEAVE-3"} if words else set())
    assert waited < seconds + 3


def test_who_leaves_in_time_is_not_waited_for():
    at_once, late, waited = settled("baseline", waves=2)
    assert not at_once
    assert not late
    assert waited < 0.3


@pytest.mark.parametrize("server", ["baseline", LATE.format(0.4)], ids=["at once", "late"])
def test_each_life_of_a_name_has_its_own_leave(server, own_server):
    join = act("join", "username", "the same", b'{"type":"join","username":"somebody"}')
    ends = [Script(join=join, end=end) for end in (End.FIN_BEHIND, End.FIN)]
    server = own_server(server) if "def" in server else server
    for script in ends:
        at_once, late, waited = settled(server, waves=4, scripts=[script])
        assert not at_once
        assert not late
        assert waited < 3


@pytest.mark.long
def test_a_leave_that_is_never_told_is_missed_after_ten_seconds(own_server):
    at_once, late, waited = settled(own_server(NEVER))
    assert not at_once
    assert {finding.requirement for finding in late} == {"LEAVE-1", "LEAVE-2"}
    assert 9 < waited < 13


def test_a_leave_that_is_told_again_is_found_though_it_comes_late(own_server):
    at_once, late, _ = settled(own_server(TOLD.format([0.6])), seconds=1.2)
    assert not at_once
    assert {finding.requirement for finding in late} == {"LEAVE-1", "LEAVE-2"}


def test_a_server_that_has_gone_owes_no_leave():
    async def run():
        async with workshop_with("baseline") as workshop:
            instance = await workshop.instance()
            record = await run_wave(instance, [Script()])
            record.events[:] = [event for event in record.events if b" left the chat" not in event.data]
            await workshop.judge(instance, record)
            assert workshop.ledger.waits()
            instance.close()
            await asyncio.wait_for(workshop.ledger.settle(), 3)
            return list(workshop.ledger.changed())

    assert not asyncio.run(run())
