"""The driver of generated traffic gives a slow server all the time that there is, and shows what failed."""

import os
import signal
import sys
from pathlib import Path

import pytest

from chatproof_conformance.generated.driver import Driver, join, public
from chatproof_conformance.outcomes import Broken
from chatproof_conformance.peers.chat import Chat, Party
from chatproof_conformance.peers.patience import Patience
from chatproof_conformance.targets.command import CommandTarget, Recipe
from chatproof_schemas.transcript import Kind

RUN = Path(__file__).parent.parent / "servers" / "run.py"


@pytest.fixture
def case():
    target = CommandTarget(Recipe(f"{sys.executable} {RUN} baseline --port {{port}}"))
    target.start()
    yield Chat(Party(target, Patience(floor=0.2, ceiling=60), "tst"))
    target.end()


@pytest.fixture
def driver(case):
    driver = Driver(case)
    yield driver
    driver.close()


def test_a_join_whose_answer_is_late_is_no_finding(driver, monkeypatch):
    server = driver.chat.party.target._process.pid  # noqa: SLF001  to hold it up, as a busy machine would
    os.kill(server, signal.SIGSTOP)
    driver.send("anna", [join(driver.name("red"))])

    def when_all_the_time_is_given():
        os.kill(server, signal.SIGCONT)
        return 60

    monkeypatch.setattr(driver, "_seconds_without_fence", when_all_the_time_is_given)
    driver.judge()
    assert [peer.name for peer in driver.chat.present] == [driver.name("red")]


def test_the_traffic_that_failed_stays_shown_whatever_comes_after_it(case):
    for label, fails in (("first", False), ("second", True), ("third", False)):
        driver = Driver(case)
        driver.send("anna", [public(label)])
        if fails:
            driver.chat.transcript.append("anna", Kind.RECEIVED, b"nonsense\n")
            with pytest.raises(Broken):
                driver.judge()
        else:
            driver.judge()
        driver.close()
    assert b"second" in b"".join(event.data for event in case.transcript.events)
