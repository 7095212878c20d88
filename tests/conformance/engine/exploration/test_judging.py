"""The judge in its own process says what the judge here says; if that process ends, nobody takes it for a verdict."""

import asyncio
import errno
import os
import signal
from datetime import datetime, timezone

import pytest

from chatproof_conformance.engine.exploration import judging as module
from chatproof_conformance.engine.exploration.judging import Judging
from chatproof_conformance.judges.server import judge
from chatproof_schemas.transcript import Event, Kind

STARTED = datetime(2026, 1, 1, tzinfo=timezone.utc)
EVENTS = [
    Event(0.0, "a", Kind.OPEN),
    Event(0.1, "a", Kind.CLIENT_DATA, b'{"type": "join", "username": "ann"}\n'),
    Event(0.2, "a", Kind.SERVER_DATA, b'{"type": "system", "message": "ann joined the chat"}\n{"type": 1}\n'),
]


@pytest.fixture
def idle_core(monkeypatch):
    monkeypatch.setattr(module, "has_idle_core", lambda: True)


@pytest.mark.usefixtures("idle_core")
def test_both_judge_alike():
    async def run():
        judging = Judging()
        try:
            here = await judging.judge(EVENTS, "lf", STARTED)
            await asyncio.wrap_future(judging.start())
            return here, [await judging.judge(EVENTS, "lf", STARTED) for _ in range(3)]
        finally:
            judging.close()

    here, there = asyncio.run(run())
    assert here == judge(EVENTS, framing="lf", settled=True, started=STARTED)
    assert here.findings
    assert there == [here] * 3


@pytest.mark.usefixtures("idle_core")
def test_no_module_of_the_folder_in_which_it_is_called_is_taken_for_one_of_ours(tmp_path, monkeypatch):
    for name in ("pickle", "gc", "datetime", "chatproof_conformance"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)\n")
    monkeypatch.chdir(tmp_path)

    async def run():
        judging = Judging()
        try:
            await asyncio.wrap_future(judging.start())
            return await judging.judge(EVENTS, "lf", STARTED)
        finally:
            judging.close()

    assert asyncio.run(run()).findings


@pytest.mark.usefixtures("idle_core")
def test_an_error_of_the_judge_is_raised_here():
    async def run():
        judging = Judging()
        try:
            await asyncio.wrap_future(judging.start())
            with pytest.raises(AttributeError):
                await judging.judge(EVENTS, "lf", "no time")
            return await judging.judge(EVENTS, "lf", STARTED)
        finally:
            judging.close()

    assert asyncio.run(run()).findings


@pytest.mark.usefixtures("idle_core")
def test_a_judge_that_is_killed_is_owned_up_to():
    async def run():
        judging = Judging()
        try:
            await asyncio.wrap_future(judging.start())
            os.kill(judging.process.pid, signal.SIGKILL)
            await judging.judge(EVENTS, "lf", STARTED)
        finally:
            judging.close()

    with pytest.raises(RuntimeError, match=r"the process of the judge ended with signal SIGKILL"):
        asyncio.run(run())


def test_no_process_is_started_on_a_machine_that_is_busy(monkeypatch):
    monkeypatch.setattr(module, "has_idle_core", lambda: False)

    async def run():
        judging = Judging()
        try:
            await asyncio.wrap_future(judging.start())
            return judging.process, await judging.judge(EVENTS, "lf", STARTED)
        finally:
            judging.close()

    process, judgement = asyncio.run(run())
    assert process is None
    assert judgement.findings


@pytest.mark.usefixtures("idle_core")
def test_if_no_process_can_be_started_it_judges_here(monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.ENOMEM, "no memory")

    monkeypatch.setattr(module, "Process", refused)

    async def run():
        judging = Judging()
        try:
            with pytest.raises(OSError, match="no memory"):
                await asyncio.wrap_future(judging.start())
            return await judging.judge(EVENTS, "lf", STARTED)
        finally:
            judging.close()

    assert asyncio.run(run()).findings
