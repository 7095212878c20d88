"""What Prometheus is shown of a node."""

import time

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from chatproof_reference.server.metrics import ServerCollector
from support.paths import ROOT

pytestmark = pytest.mark.needs("redis-server")


def read(server):
    families = text_string_to_metric_families(generate_latest(ServerCollector(server)).decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_a_node_shows_whether_it_takes_part_and_how_far_away_the_engine_is(engine, nodes):
    (node,) = nodes(1, url=engine.url, cluster_lease=0.3, cluster_bound=1.0)
    deadline = time.monotonic() + 10
    while not read(node)["chatproof_cluster_round_trip_seconds"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    seen = read(node)
    assert (seen["chatproof_cluster_member"], seen["chatproof_cluster_lag_bytes"]) == (1, 0)
    assert 0 < seen["chatproof_cluster_round_trip_seconds"] < 1
    page = (ROOT / "docs" / "server.md").read_text("utf-8")
    assert all(f"`{name}`" in page for name in seen if "cluster" in name)
    engine.pause()
    while read(node)["chatproof_cluster_member"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
