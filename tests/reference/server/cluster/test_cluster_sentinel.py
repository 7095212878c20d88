"""Sentinel promotes a replica while clients talk: with a copy nobody notices, without one nobody goes on wrongly."""

import time

import pytest

from support.sentinels import WatchedEngine
from support.talkers import gather, judge, settle

pytestmark = [pytest.mark.needs("redis-server"), pytest.mark.long("Sentinel takes seconds to find out and to act")]

LEASE, BOUND = 1.0, 20.0


@pytest.fixture
def watched(tmp_path):
    """Make an engine with so many replicas."""
    made = []

    def make(replicas):
        made.append(WatchedEngine(tmp_path, replicas))
        return made[-1]

    yield make
    for engine in made:
        engine.stop()


def talk(nodes):
    talkers = gather(nodes, 6)
    for talker in talkers:
        talker.begin()
    time.sleep(0.5)
    return talkers


def end(talkers):
    for talker in talkers:
        talker.end()


def test_with_a_copy_a_failover_by_sentinel_ends_nobody_and_loses_nothing(watched, nodes):
    engine = watched(2)
    talkers = talk(nodes(url=engine.url, cluster_copies=1, cluster_lease=LEASE, cluster_bound=BOUND))
    engine.primary.kill()
    engine.sentinels[0].kill()  # of those in the URL the others still answer
    engine.wait_for_failover()
    before = len(talkers[0].got)
    time.sleep(0.5)
    settle(talkers, seconds=BOUND)
    assert judge(talkers) == []
    assert len(talkers[0].got) > before
    end(talkers)


def test_without_a_copy_a_failover_by_sentinel_ends_all_who_saw_what_is_lost(watched, nodes):
    engine = watched(1)
    both = nodes(url=engine.url, cluster_copies=0, cluster_lease=LEASE, cluster_bound=BOUND)
    talkers = talk(both)
    engine.replicas[0].kill()
    before = len(talkers[0].got)
    time.sleep(0.5)
    assert len(talkers[0].got) > before  # that is lost
    engine.primary.kill()
    engine.replicas[0].start()
    engine.wait_for_failover()
    settle(talkers, must_go=both, seconds=BOUND)
    assert judge(talkers, must_go=both) == []
    assert all("has lost the others" in talker.got[-1] for talker in talkers)
    end(talkers)
    deadline = time.monotonic() + BOUND
    while any(node.node.reason_to_refuse() for node in both):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    talkers = talk(both)
    settle(talkers)
    assert judge(talkers) == []
    end(talkers)
