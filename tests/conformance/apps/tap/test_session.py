"""A recording that the tap makes is judged as the same traffic is judged live, on conforming and on faulty servers."""

import contextlib
import threading

import pytest

from chatproof_conformance.apps.tap.session import judged_rows
from chatproof_conformance.core.outcomes import Outcome
from chatproof_conformance.core.roles import Role
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.target import RunningTarget
from chatproof_conformance.endpoints.traffic.concurrent import talk_at_once
from chatproof_conformance.endpoints.traffic.traffic_driver import TrafficDriver, join, private, public
from chatproof_conformance.generation.conversations import Utterance
from chatproof_conformance.judges.recordings import examine_recording
from chatproof_conformance.judges.server import judge
from chatproof_schemas import Level, requirements
from support.commands import running
from support.recordings import frame
from support.recordings import join as join_frame
from support.tapping import connect, tapping

CONFORMING = ["baseline", "threads", "cr-lf", "other-words", "welcome", "one-byte-a-send", "coalesced"]
FAULTY = {
    "private-to-everyone": "PRIVATE-2",
    "second-join-ignored": "JOIN-10",
    "confirms-twice": "CONFIRM-1",
    "astral-lost": "PUBLIC-2",
    "bad-json-ignored": "ERROR-1",
    "leaves-untold": "LEAVE-1",
    "no-leading-space": "FRAME-6",
}
MUSTS = {row.id for row in requirements().values() if row.level is Level.MUST}


def found(transcript):
    judgement = judge(transcript.events, settled=True, started=transcript.started)
    return {finding.requirement for finding in judgement.findings}


def converse(name, act):
    """Hold a conversation through a tap; return what the judge says of it live, and of the tap's recording."""
    with running(name) as place:
        host, _, port = place.rpartition(":")
        with tapping((host, int(port))) as tap:
            driver = TrafficDriver(
                ServerSession(RunContext(RunningTarget(tap.address), AdaptiveTimeout(floor=2.0), "tap"))
            )
            with contextlib.suppress(Outcome):
                act(driver)
                driver.judge()
            verdicts = found(driver.chat.transcript), found(tap.recorder.transcript)
            driver.close()
        return verdicts


def step_by_step(driver):
    red, blue = driver.name("red"), driver.name("blue")
    for slot, name in (("anna", red), ("ben", blue)):
        driver.send(slot, [join(name)])
    driver.send("cleo", [join(red), join("\u200b"), public("too early")])
    driver.send(
        "anna", [public("hi\u0000 \U0001f600"), private(blue, "psst"), b"{", private("nobody", "?")], cuts=(0.3, 0.7)
    )
    driver.send("ben", [join(driver.name("green")), private(blue, "to myself"), b'["no object"]'])
    driver.send_half("ben", public("cut off"), 0.5)
    driver.end("ben", "resets")
    driver.send("cleo", [join(driver.name("green")), public("here at last")])
    driver.send("dora", [join(blue), public("I am blue now"), private(red, "and you")])
    driver.end("cleo", "leaves")
    driver.send("anna", [b" " + public("bye")])
    driver.end("dora", "half_closes")


def at_once(driver):
    talk = [Utterance(number % 4, (None, None, 1, -1)[number % 3], f"words {number}") for number in range(30)]
    talk[7:9] = [Utterance(2, None, "", b"{]"), Utterance(3, None, "", b"null")]
    talk_at_once(driver, talk, [1, 5, 2])


@pytest.mark.parametrize("act", [step_by_step, at_once])
@pytest.mark.parametrize("name", CONFORMING)
def test_conforming_servers_break_no_must_live_or_recorded(name, act):
    live, recorded = converse(name, act)
    assert live & MUSTS == recorded & MUSTS == set()


@pytest.mark.parametrize(("name", "requirement"), FAULTY.items())
def test_faulty_servers_are_found_by_the_recording_as_they_are_live(name, requirement):
    live, recorded = converse(name, step_by_step)
    assert requirement in recorded
    # The tap may see more: it reads at once what the harness reads when it looks.
    assert live <= recorded


@pytest.mark.parametrize(
    "faults", [["cut"], ["cut=400:fin"], ["client:cut=300", "server:split", "jitter=2ms"], ["stall=500"]]
)
def test_a_bad_network_is_not_blamed_on_a_conforming_server_or_its_clients(faults):
    with running("threads") as place:
        host, _, port = place.rpartition(":")
        with tapping((host, int(port)), *faults, seed=3) as tap:
            threads = [threading.Thread(target=chatter, args=(tap.address, f"user{number}")) for number in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    examined = examine_recording(tap.recorder.transcript, judged_rows(Role))
    assert [
        finding for result in examined.judged for finding in result.findings if result.requirement.id in MUSTS
    ] == []
    assert examined.cases[0].evidence.deliveries


def chatter(address, name):
    """Join, and talk until the connection ends or stops passing anything."""
    with contextlib.suppress(OSError), connect(address) as client:
        client.settimeout(0.3)
        client.sendall(join_frame(name))
        for number in range(15):
            client.sendall(frame(type="message", content=f"{number} of {name}"))
            client.recv(65536)
