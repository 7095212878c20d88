"""The engine's primary is lost and a replica takes over, behind an address that moves."""

import time

import pytest

from support.cutting_proxy import CuttingProxy
from support.redis_server import RedisServer, pause

pytestmark = pytest.mark.needs("redis-server")

LEASE, BOUND = 1.2, 4.0


@pytest.fixture
def engines(tmp_path):
    """A primary and its replica, and the address that moves from one to the other."""
    (tmp_path / "replica").mkdir()
    primary = RedisServer(tmp_path, "--repl-diskless-sync-delay", "0")
    replica = RedisServer(
        tmp_path / "replica", "--repl-diskless-sync-delay", "0", "--replicaof", f"127.0.0.1 {primary.port}"
    )
    address = CuttingProxy(primary.port)
    while replica.client.info("replication")["master_link_status"] != "up":
        time.sleep(0.05)
    yield primary, replica, address
    address.close()
    primary.stop()
    replica.stop()


@pytest.fixture
def pair(engines, nodes, join):
    """Make two joined peers at two nodes that ask for so many copies."""

    def make(copies):
        url = f"redis://127.0.0.1:{engines[2].port}"
        one, other = nodes(url=url, cluster_copies=copies, cluster_lease=LEASE, cluster_bound=BOUND)
        alice, bob = join(one, "Alice"), join(other, "Bob")
        assert alice.read()["message"] == "Bob joined the chat"
        return alice, bob, one

    return make


def promote(primary, replica, address):
    primary.kill()
    replica.client.replicaof("no", "one")
    address.target = replica.port
    address.cut(0)


def test_with_a_copy_a_failover_ends_nobody_and_loses_nothing(engines, pair):
    alice, bob, _ = pair(1)
    primary, replica, address = engines
    for number in range(100):
        alice.say(str(number))
        if number == 60:
            promote(*engines)
    primary.command += ["--replicaof", f"127.0.0.1 {replica.port}"]
    primary.start()  # it comes back as the replica of the other: now there is a copy again
    for peer in (alice, bob):
        assert [peer.read()["content"] for _ in range(100)] == [str(number) for number in range(100)]
    assert address.target == replica.port


def test_nothing_is_shown_that_too_few_replicas_have(engines, pair):
    alice, bob, _ = pair(1)
    alice.say("seen")
    assert alice.read()["content"] == bob.read()["content"] == "seen"
    pause(engines[1].process)
    alice.say("not yet")
    bob.socket.settimeout(BOUND / 4)
    with pytest.raises(TimeoutError):
        bob.socket.recv(1)
    engines[1].resume()
    bob.socket.settimeout(10)
    assert b"not yet" in bob.socket.recv(4096)
    assert alice.read()["content"] == "not yet"


def test_without_copies_who_saw_what_is_lost_is_ended(engines, pair, join):
    primary, replica, address = engines
    alice, bob, one = pair(0)
    replica.client.replicaof("no", "one")  # it gets no more
    alice.say("lost")
    assert alice.read()["content"] == bob.read()["content"] == "lost"
    primary.kill()
    address.target = replica.port
    address.cut(0)
    for peer in (alice, bob):
        assert "has lost the others" in peer.read()["message"]
        assert peer.is_at_end()
    deadline = time.monotonic() + 10
    while one.node.reason_to_refuse():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    join(one, "Alice")
