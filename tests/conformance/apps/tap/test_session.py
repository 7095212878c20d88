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
    "leaves-told-twice": "LEAVE-2",
    "no-leading-space": "FRAME-6",
}
MUSTS = {row.id for row in requirements().values() if row.level is Level.MUST}


def found(transcript):
    judgement = judge(transcript.events, settled=True, started=transcript.started)
    return {finding.requirement for finding in judgement.findings}


def converse(name):
    """Hold a conversation through a tap; return what the judge says of it live, and of the tap's recording."""
    with running(name) as place:
        host, _, port = place.rpartition(":")
        with tapping((host, int(port))) as tap:
            chat = ServerSession(RunContext(RunningTarget(tap.address), AdaptiveTimeout(floor=2.0), "tap"))
            with contextlib.suppress(Outcome):
                talk(chat)
            verdicts = found(chat.transcript), found(tap.recorder.transcript)
            chat.close()
        return verdicts


def talk(chat):
    anna, ben = chat.gather("anna", "ben")
    cleo = chat.connect("cleo")
    for name in (anna.name, "\u200b"):
        cleo.asks_to_join(name)
        cleo.gets_error()
    cleo.says("too early")
    cleo.gets_error()
    anna.says("hi\u0000 \U0001f600")
    anna.whispers(ben, "psst")
    anna.sends_frame(b"{")
    anna.whispers("nobody", "?")
    anna.sends_frame(b' {"type":"message","content":"after a space"}')
    ben.asks_to_join(chat.name("green"))
    ben.whispers(ben, "to myself")
    ben.sends_frame(b'["no object"]')
    chat.fence(anna, ben)
    ben.sends_bytes(b'{"type":"message","cont')
    ben.resets()
    anna.sees_notice(ben)
    dora = chat.joins("dora", name=ben.name)
    dora.says("I am ben now")
    dora.whispers(anna, "and you")
    chat.fence(dora, anna)


@pytest.mark.parametrize("name", CONFORMING)
def test_conforming_servers_break_no_must_live_or_recorded(name):
    live, recorded = converse(name)
    assert live & MUSTS == recorded & MUSTS == set()


@pytest.mark.parametrize(("name", "requirement"), FAULTY.items())
def test_faulty_servers_are_found_by_the_recording_as_they_are_live(name, requirement):
    live, recorded = converse(name)
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
