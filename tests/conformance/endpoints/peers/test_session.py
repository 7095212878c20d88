"""Peers prove silence by fences, on real sockets: what arrives too much, too little or changed is found at once."""

import json
import sys
import time

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import Blocked, Broken, NotTested
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.command import CommandTarget
from chatproof_conformance.endpoints.process.scheduler_delay import SchedulerDelayMonitor
from chatproof_conformance.reporting.last_frames import last_frames
from chatproof_conformance.reporting.traffic_steps import steps_of
from support.paths import RUN_SERVER


@pytest.fixture
def chat():
    target = CommandTarget(f"{sys.executable} {RUN_SERVER} baseline --port {{port}}")
    target.start()
    chat = ServerSession(RunContext(target, AdaptiveTimeout(), "tst"))
    yield chat
    chat.close()
    target.end()


def test_silence_is_proven_and_counted(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.whispers(alice, "note")
    alice.hears_privately(alice, "note")
    alice.is_told_delivered(alice, "note")
    chat.proves_silence(bob, by=alice)
    assert chat.evidence.silences == 1


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


def steps_of_example(chat):
    return steps_of(Finding("PUBLIC-1", "x", "y", events=chat.traffic.of_last_example()))


def test_what_a_user_says_of_markers_is_shown_and_the_markers_of_fences_are_not(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.says("marker pens")
    bob.hears(alice, "marker pens")
    chat.fence(alice, bob)
    lines = [line for line in last_frames(chat.transcript.events, 99) if "content" in line]
    assert len(lines) == 3
    assert all('"marker pens"' in line for line in lines)
    shown = [step.text for step in steps_of_example(chat) if '"content"' in step.text]
    assert len(shown) == 3
    assert sum(step.count for step in steps_of_example(chat) if step.event == "markers") == 2 * 2 * 3


def test_the_markers_by_which_lasting_connections_came_to_be_are_none_of_an_example_s_messages(chat):
    (alice,) = chat.stay("alice")
    chat.traffic.begin_example()
    alice.says("hello")
    alice.hears(alice, "hello")
    assert [step.event for step in steps_of_example(chat)] == [
        "open",
        "client",
        "server",
        "markers",
        "client",
        "server",
    ]


def test_a_set_up_that_fails_blames_what_it_needs(chat):
    alice = chat.joins("alice")
    with pytest.raises(Blocked) as blocked:
        chat.joins("twin", name=alice.name)
    assert blocked.value.by == "JOIN-1"


def test_a_fence_that_is_lost_is_no_proof(chat):
    chat.context.timeout = AdaptiveTimeout(floor=0.2)
    (alice,) = chat.gather("alice")
    bob = chat.connect("bob")
    bob.counts_as_present("bob")  # as if it had joined: no marker ever reached it
    with pytest.raises(Blocked) as blocked:
        chat.proves_silence(bob, by=alice)
    assert blocked.value.by == "PUBLIC-1"


def test_a_fence_that_held_before_and_is_lost_is_a_finding(chat):
    chat.context.timeout = AdaptiveTimeout(floor=0.2)
    alice, bob = chat.gather("alice", "bob")
    bob.connection.reset()
    with pytest.raises(Broken, match="as they did before"):
        chat.proves_silence(bob, by=alice)


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
