"""A split brain: a replica is promoted while the primary goes on with a node that has not found out."""

import time

import pytest

from support.cutting_proxy import CuttingProxy
from support.redis_server import RedisServer
from support.talkers import gather, judge, said_to_all, settle

pytestmark = [pytest.mark.needs("redis-server"), pytest.mark.long("for five seconds there are two primaries")]

LEASE, BOUND, SPLIT = 1.0, 10.0, 5.0
NOWHERE = 0


@pytest.fixture
def chain(tmp_path):
    """A primary, its replica, which will be promoted, and the replica of that one."""
    servers = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        follow = ("--replicaof", f"127.0.0.1 {servers[-1].port}") if servers else ()
        servers.append(RedisServer(tmp_path / str(number), "--repl-diskless-sync-delay", "0", *follow))
    while any(server.client.info("replication")["master_link_status"] != "up" for server in servers[1:]):
        time.sleep(0.05)
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def split(chain, nodes):
    """Have the two nodes of one chat see two primaries while their clients talk.

    Return the talkers, the node that was on the wrong side, and how many public messages the talkers there got after
    the first second.
    """
    addresses = [CuttingProxy(chain[0].port) for _ in range(2)]

    def make(copies, min_replicas):
        old, new, _ = chain
        for server in (old, new):
            server.client.config_set("min-replicas-to-write", min_replicas)
            server.client.config_set("min-replicas-max-lag", 1)
            while min_replicas and not server.client.info("replication")["min_slaves_good_slaves"]:
                time.sleep(0.05)
        bounds = {"cluster_copies": copies, "cluster_lease": LEASE, "cluster_bound": BOUND}
        (wrong,) = nodes(1, url=f"redis://127.0.0.1:{addresses[0].port}", **bounds)
        (right,) = nodes(1, url=f"redis://127.0.0.1:{addresses[1].port}", **bounds)
        talkers = gather([wrong, right], 6)
        for talker in talkers:
            talker.begin()
        time.sleep(0.5)
        _move(addresses[1], NOWHERE)
        old.client.set("mark", 1)
        assert old.client.wait(1, 10_000) == 1  # whatever the node on the right side has applied by now is on that side
        new.client.replicaof("no", "one")
        _move(addresses[1], new.port)
        time.sleep(1.0)
        on_wrong_side = [talker for talker in talkers if talker.node is wrong]
        before = sum(len(said_to_all(talker.got)) for talker in on_wrong_side)
        time.sleep(SPLIT - 1.0)
        after = sum(len(said_to_all(talker.got)) for talker in on_wrong_side)
        old.client.replicaof("127.0.0.1", new.port)
        _move(addresses[0], new.port)
        settle(talkers, must_go={wrong})
        return talkers, wrong, after - before

    yield make
    for address in addresses:
        address.close()


def _move(address, port):
    address.target = port
    address.cut(0)


@pytest.mark.parametrize(("copies", "min_replicas"), [(1, 0), (0, 1), (0, 0)])
def test_who_was_on_the_wrong_side_is_ended_and_nobody_else_has_missed_anything(split, copies, min_replicas):
    talkers, wrong, told = split(copies, min_replicas)
    complaints = judge(talkers, must_go={wrong})
    for talker in talkers:
        talker.end()
    lied_to = [text for text in complaints if text.endswith("has seen what the others have not")]
    assert complaints == lied_to
    if copies:
        assert lied_to == []
    if copies or min_replicas:
        assert told == 0
    else:
        assert told > 0
        assert len(lied_to) == 3  # all who were there
