"""Peers prove silence by fences, on real sockets: what arrives too much, too little or changed is found at once."""

import json
import sys
import time

import pytest

from chatproof_conformance.core.outcomes import Broken, NotTested
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.scheduler_delay import SchedulerDelayMonitor
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.reporting.last_frames import last_frames
from support.paths import ROOT, RUN_SERVER

CLI_TESTS = ROOT / "tests" / "conformance" / "cli"


@pytest.fixture
def chat():
    target = ServerProcess(f"{sys.executable} {RUN_SERVER} baseline --port {{port}}")
    target.start()
    chat = ServerSession(RunContext(target, AdaptiveTimeout(), "tst"))
    yield chat
    chat.close()
    target.stop()


def test_silence_is_proven(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.whispers(alice, "note")
    alice.hears_privately(alice, "note")
    alice.is_told_delivered(alice, "note")
    chat.proves_silence(bob, by=alice)


def test_what_arrives_too_much_breaks_the_silence(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.says("heard")
    with pytest.raises(Broken, match="heard"):
        chat.proves_silence(bob, by=alice)


def test_what_is_missing_is_proven_missing_without_waiting_for_the_deadline(chat):
    chat.context.timeout = AdaptiveTimeout(floor=60, ceiling=60)
    alice, bob = chat.gather("alice", "bob")
    start = time.monotonic()
    with pytest.raises(Broken, match="nothing of the kind"):
        bob.hears(alice, "never said")
    assert time.monotonic() - start < 30  # half the deadline: a fence answered, not the clock


def test_a_changed_message_is_shown(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.says("Hello")
    with pytest.raises(Broken) as broken:
        bob.hears(alice, "hello")
    found = broken.value.finding
    assert '"content":"Hello"' in found.actual
    assert str(broken.value).startswith(f"expected {found.expected} at bob; got nothing of the kind")
    assert (found.connection, [json.loads(frame)["content"] for frame in found.frames]) == ("bob", ["Hello"])


def test_what_a_user_says_of_markers_is_shown_and_the_markers_of_fences_are_not(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.says("marker pens")
    bob.hears(alice, "marker pens")
    chat.fence(alice, bob)
    lines = [line for line in last_frames(chat.transcript.events, 99) if "content" in line]
    assert len(lines) == 3
    assert all('"marker pens"' in line for line in lines)


def test_a_join_that_does_not_work_shows_what_came_instead(chat):
    alice = chat.joins("alice")
    with pytest.raises(Broken, match=r"a system message that names .* at twin"):
        chat.joins("twin", name=alice.name)


def test_a_fence_that_is_lost_is_no_proof(chat):
    chat.context.timeout = AdaptiveTimeout(floor=0.2)
    alice, bob = chat.gather("alice", "bob")
    bob.connection.reset()
    with pytest.raises(Broken, match=r"the public message .*marker.* at bob"):
        chat.proves_silence(bob, by=alice)


def test_a_server_that_ends_no_frame_is_named():
    target = ServerProcess(f"{sys.executable} {CLI_TESTS / 'original_server.py'} {{port}}")
    target.start()
    chat = ServerSession(RunContext(target, AdaptiveTimeout(floor=0.2)))
    with pytest.raises(Broken, match="an LF after every frame") as broken:
        chat.gather("alice")
    assert broken.value.finding.requirement == "FRAME-1"
    chat.close()
    target.stop()


def test_announcing_needs_to_be_told_how(chat):
    with pytest.raises(NotTested, match="--announce"):
        chat.announces("hello")


def test_others_traffic_is_told_apart(chat):
    """The harness is a guest: people with other names may talk, join and leave meanwhile."""
    other = ServerSession(RunContext(chat.context.target, AdaptiveTimeout(), "oth"))
    alice, bob = chat.gather("alice", "bob")
    (stranger,) = other.gather("stranger")
    stranger.says("hi, all")
    stranger.hears(stranger, "hi, all")
    other.close()
    chat.proves_silence(alice, bob, by=alice)


def test_it_leaves_nothing_behind(chat):
    peers = chat.gather("alice", "bob")
    names = [peer.name for peer in peers]
    chat.close()
    again = ServerSession(chat.context)
    for name in names:
        again.joins("again", name=name)
    again.close()


def test_the_timeout_grows_with_slow_answers():
    timeout = AdaptiveTimeout(lateness=lambda: 0.0)
    assert timeout.deadline == 2.5
    timeout.learn(1.0)
    assert timeout.deadline == 10.0
    timeout.learn(100.0)
    assert timeout.deadline == 30.0


def test_a_busy_machine_makes_every_deadline_longer():
    assert AdaptiveTimeout(lateness=lambda: 0.5).deadline == 20.0
    assert AdaptiveTimeout(lateness=lambda: 5.0).deadline == 30.0


def test_lateness_is_measured():
    monitor = SchedulerDelayMonitor()
    assert monitor.watched.wait(30)
    assert 0.0 <= monitor.lateness < 30.0
