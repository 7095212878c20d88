"""Nodes and engine that die, stop and lose each other: who goes on has missed nothing, who may have is ended."""

import json
import time

import pytest

from support.redis_server import pause, resume

pytestmark = pytest.mark.needs("redis-server")

LEASE, BOUND = 1.2, 3.0


def meet(one, other, join):
    alice, bob = join(one, "Alice"), join(other, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"
    return alice, bob, one, other


@pytest.fixture
def pair(engine, nodes, join):
    """Two joined peers at two nodes, whose notices have been read; and the nodes."""
    return meet(*nodes(url=engine.url, cluster_lease=LEASE, cluster_bound=BOUND), join)


@pytest.fixture
def apart(engine, programs, join):
    """The same with nodes that are processes of their own."""
    return meet(*programs(engine.url, lease=LEASE, bound=BOUND), join)


def exchange(one, other, text):
    """Have both say something, and read both of both."""
    one.say(text)
    assert one.read()["content"] == other.read()["content"] == text
    other.say(text)
    assert one.read()["content"] == other.read()["content"] == text


def is_ended(peer):
    """Whether the node tells a peer that it is apart, and ends the stream in order."""
    farewell = peer.read()
    assert "has lost the others" in farewell.get("message", ""), farewell
    return peer.is_at_end()


def rejoin(join, node, name):
    """Join as soon as a node takes connections again."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return join(node, name)
        except (AssertionError, ConnectionError):  # noqa: PERF203  it is tried again
            assert time.monotonic() < deadline, "the node never came back"
            time.sleep(0.1)


def test_the_users_of_a_killed_node_leave_once_and_their_names_are_free(apart, join):
    _, bob, one, other = apart
    join(one, "Carol")
    assert bob.read()["message"] == "Carol joined the chat"
    one.kill()
    assert [message["message"] for message in bob.read_many(2)] == ["Alice left the chat", "Carol left the chat"]
    join(other, "Alice")
    assert bob.read()["message"] == "Alice joined the chat"
    bob.say("once")
    assert bob.read()["content"] == "once"


def test_a_node_that_was_stopped_for_longer_than_the_lease_ends_its_clients(apart, join):
    alice, bob, one, other = apart
    pause(one)
    assert bob.read()["message"] == "Alice left the chat"
    alice.say("too late")  # its node has not read it: it must not take effect after the leave
    heir = join(other, "Alice")
    assert bob.read()["message"] == "Alice joined the chat"
    resume(one)
    assert is_ended(alice)
    heir.say("I am Alice now")
    assert bob.read()["content"] == heir.read()["content"] == "I am Alice now"
    newcomer = rejoin(join, one, "Dave")
    assert heir.read()["message"] == bob.read()["message"] == "Dave joined the chat"
    exchange(newcomer, heir, "again")


def test_a_node_that_was_stopped_for_less_than_the_lease_goes_on(apart):
    alice, bob, one, _ = apart
    pause(one)
    bob.say("meanwhile")
    time.sleep(LEASE / 3)
    resume(one)
    assert alice.read()["content"] == bob.read()["content"] == "meanwhile"
    exchange(alice, bob, "both there")


def test_an_engine_that_is_away_for_less_than_the_bound_ends_nobody(pair, engine):
    alice, bob, _, _ = pair
    engine.pause()
    alice.say("wait for me")
    bob.send({"type": "nonsense"})
    assert bob.read()["code"] == "unknown_type"  # what needs nobody else is answered
    time.sleep(BOUND / 2)
    engine.resume()
    assert alice.read()["content"] == bob.read()["content"] == "wait for me"
    exchange(alice, bob, "all there")


def test_an_engine_that_is_away_for_longer_than_the_bound_ends_all_and_then_the_chat_begins_anew(pair, engine, join):
    alice, bob, one, other = pair
    engine.pause()
    assert is_ended(alice)
    assert is_ended(bob)
    engine.resume()
    alice, bob = rejoin(join, one, "Alice"), rejoin(join, other, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"
    exchange(alice, bob, "anew")


def test_an_engine_that_is_killed_and_has_kept_everything_ends_nobody(pair, engine):
    alice, bob, _, _ = pair
    engine.client.config_set("appendonly", "yes")
    while engine.client.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(0.02)
    exchange(alice, bob, "before")
    engine.kill()
    engine.command += ["--appendonly", "yes"]
    alice.say("while it is away")
    engine.start()
    assert alice.read()["content"] == bob.read()["content"] == "while it is away"
    exchange(alice, bob, "as before")


def test_an_engine_that_comes_back_empty_ends_all_and_then_the_chat_begins_anew(pair, engine, join):
    alice, bob, one, other = pair
    engine.kill()
    engine.start()
    assert is_ended(alice)
    assert is_ended(bob)
    alice, bob = rejoin(join, one, "Alice"), rejoin(join, other, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"
    exchange(alice, bob, "anew")


def test_an_engine_that_is_emptied_ends_all_and_then_the_chat_begins_anew(pair, engine, join):
    alice, bob, one, other = pair
    exchange(alice, bob, "before")
    engine.client.flushall()
    alice.say("into nothing")
    assert is_ended(alice)
    assert is_ended(bob)
    alice, bob = rejoin(join, one, "Alice"), rejoin(join, other, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"
    exchange(alice, bob, "anew")


def test_connections_to_the_engine_that_are_cut_cost_nothing_and_double_nothing(pair, engine):
    alice, bob, _, _ = pair
    for number in range(300):
        alice.say(str(number))
        if number % 30 == 0:
            engine.cut()
    expected = [str(number) for number in range(300)]
    assert [message["content"] for message in alice.read_many(300)] == expected
    assert [message["content"] for message in bob.read_many(300)] == expected
    exchange(alice, bob, "no more than that")


def test_a_node_from_which_the_log_has_been_taken_away_ends_its_clients(apart, engine):
    alice, bob, one, _ = apart
    pause(one)
    texts = [str(number) for number in range(6)]
    for text in texts:
        bob.say(text)
        assert bob.read()["content"] == text
    engine.client.xtrim("{chat}:log", maxlen=0)
    bob.say("without those")
    resume(one)
    got = [json.loads(line) for line in alice.file]
    assert "has lost the others" in got.pop()["message"]
    assert [message["content"] for message in got] == texts[: len(got)]  # what was on its way already, at most
    assert len(got) < len(texts)
    assert bob.read()["content"] == "without those"
    assert bob.read()["message"] == "Alice left the chat"


def test_a_node_far_behind_the_others_ends_its_clients(engine, nodes, join):
    (one,) = nodes(1, url=engine.url, cluster_lease=LEASE)
    alice = join(one, "Alice")
    engine.client.hincrby(f"{{{one.options.cluster_chat}}}:meta", "bytes", 1 << 30)  # as if so much had been said
    assert is_ended(alice)
    rejoin(join, one, "Alice")


def test_a_full_engine_delays_until_there_is_room(pair, engine):
    alice, bob, _, _ = pair
    engine.client.config_set("maxmemory", 1)
    alice.say("no room")
    time.sleep(BOUND / 3)
    engine.client.config_set("maxmemory", 0)
    assert alice.read()["content"] == bob.read()["content"] == "no room"
    exchange(alice, bob, "room again")


def test_a_node_stops_in_time_while_the_engine_is_away(pair, engine):
    alice, _, one, _ = pair
    engine.pause()
    alice.say("unheard")
    began = time.monotonic()
    one.stop_server()
    assert time.monotonic() - began < 5.0
    assert alice.read()["message"] == "The server is stopping"
    assert alice.is_at_end()
