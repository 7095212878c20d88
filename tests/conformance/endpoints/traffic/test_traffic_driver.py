"""The driver of generated traffic gives a slow server all the time that there is, and shows what failed."""

import os
import signal
import sys

import pytest

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.command import CommandTarget
from chatproof_conformance.endpoints.traffic.traffic_driver import TrafficDriver, join, public
from chatproof_schemas.transcript import Kind
from support.paths import RUN_SERVER


@pytest.fixture
def case():
    target = CommandTarget(f"{sys.executable} {RUN_SERVER} baseline --port {{port}}")
    target.start()
    yield ServerSession(RunContext(target, AdaptiveTimeout(floor=0.2, ceiling=60), "tst"))
    target.end()


@pytest.fixture
def driver(case):
    driver = TrafficDriver(case)
    yield driver
    driver.close()


def test_a_join_whose_answer_is_late_is_no_finding(driver, monkeypatch):
    server = driver.chat.context.target._process.pid  # noqa: SLF001  to hold it up, as a busy machine would
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
        driver = TrafficDriver(case)
        driver.send("anna", [public(label)])
        if fails:
            driver.chat.transcript.append("anna", Kind.SERVER_DATA, b"nonsense\n")
            with pytest.raises(Broken):
                driver.judge()
        else:
            driver.judge()
        driver.close()
    assert b"second" in b"".join(event.data for event in case.transcript.events)
