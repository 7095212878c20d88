"""Nodes with faults, and an engine that holds what no node has written: clients are ended, and it is said why."""

import time

import pytest

from chatproof_reference.server import ChatServer, ServerOptions
from chatproof_reference.server.cluster.applying import Applier
from chatproof_reference.server.cluster.entry import Entry
from chatproof_reference.server.cluster.lease import Lease
from chatproof_reference.server.events import EventKind
from chatproof_reference.server.ordering import CannotJoinCluster
from reference.server.cluster.test_cluster_faults import exchange, is_ended, meet, rejoin

pytestmark = pytest.mark.needs("redis-server")


@pytest.fixture
def pair(nodes, join):
    """Two joined peers at two nodes of a chat, and the nodes; what these find out at their bound only, fails here."""
    return meet(*nodes(cluster_lease=0.6, cluster_bound=60.0), join)


def wait_until_told(troubles, text):
    """Wait until a node has told its operator a text."""
    deadline = time.monotonic() + 10
    while not any(text in event.text for event in troubles.drain(0.1)):
        assert time.monotonic() < deadline, f"nobody was told {text!r}"


@pytest.mark.parametrize(("part", "method"), [(Applier, "apply"), (Entry, "words"), (Lease, "look")])
def test_a_fault_in_any_thread_of_a_node_ends_its_clients_and_is_told_and_it_begins_anew(
    pair, join, monkeypatch, part, method
):
    alice, bob, one, other = pair
    troubles = one.subscribe(EventKind.TROUBLE), other.subscribe(EventKind.TROUBLE)
    faults = [ArithmeticError("of ours")] * 2
    works = getattr(part, method)

    def fail_at_first(*arguments):
        if faults:
            raise faults.pop()
        return works(*arguments)

    monkeypatch.setattr(part, method, fail_at_first)
    alice.say("to be appended and applied")
    bob.say("this too")
    deadline = time.monotonic() + 10
    told = []
    while len(told) < 2:
        assert time.monotonic() < deadline
        told += [event.text for node in troubles for event in node.drain(0.05) if "ends its connections" in event.text]
    assert all("a fault of this server, or of what the engine holds: ArithmeticError: of ours" in text for text in told)
    alice, bob = rejoin(join, one, "Alice2"), rejoin(join, other, "Bob2")
    assert alice.read()["message"] == "Bob2 joined the chat"
    exchange(alice, bob, "anew")


def test_a_node_that_cannot_read_what_the_engine_holds_ends_its_clients_and_waits_until_that_is_mended(
    pair, join, shared_engine
):
    alice, bob, one, other = pair
    troubles = one.subscribe(EventKind.TROUBLE)
    chat, engine = one.options.cluster_chat, shared_engine.client
    engine.hset(f"{{{chat}}}:meta", "bytes", "zz")
    assert is_ended(alice)
    assert is_ended(bob)
    wait_until_told(troubles, "the engine of the cluster: hash value is not an integer")
    third = ChatServer("127.0.0.1", 0, ServerOptions(cluster=shared_engine.url, cluster_chat=chat))
    with pytest.raises(CannotJoinCluster, match=r"or of what the engine holds: ValueError: invalid literal .*'zz'"):
        third.start_server()
    engine.hset(f"{{{chat}}}:meta", "bytes", "1000")
    alice, bob = rejoin(join, one, "Alice"), rejoin(join, other, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"
    exchange(alice, bob, "anew")


def test_a_node_whose_joins_the_engine_refuses_ends_its_clients_and_waits_until_that_is_mended(
    pair, connect, join, shared_engine
):
    alice, _, one, _ = pair
    troubles = one.subscribe(EventKind.TROUBLE)
    names = f"{{{one.options.cluster_chat}}}:names"
    shared_engine.client.set(names, "none of ours")
    connect(one).send({"type": "join", "username": "Carol"})
    assert is_ended(alice)
    wait_until_told(troubles, "the engine refuses it: WRONGTYPE")
    shared_engine.client.delete(names)
    rejoin(join, one, "Alice")
