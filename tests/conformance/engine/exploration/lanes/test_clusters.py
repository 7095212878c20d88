"""Lanes about servers of several addresses: each faulty cluster is found under a right id, and the right one is not."""

import asyncio
import json
import subprocess
import sys

import pytest

from chatproof_conformance.engine.exploration.lanes import announcements, cut_off, engine, lost_nodes, spread
from chatproof_schemas import requirements
from support.paths import RUN_CLUSTER
from support.workshop import broken_by, cluster_of, run_lane, workshop_with

LISTED = subprocess.run([sys.executable, RUN_CLUSTER, "--list"], capture_output=True, text=True, check=True).stdout
ENTRIES = {entry["name"]: entry for entry in map(json.loads, LISTED.splitlines())}
FAULTY = [name for name, entry in ENTRIES.items() if entry["kind"] == "faulty"]
RUNS = 5
BOUND, LONG_BOUND = 2.4, 4.0
"""The nodes of the catalogue are taken for gone after 3 s without a sign of life, a second after they died."""
LANES = (
    (spread.lane, BOUND),
    (lost_nodes.killed, BOUND),
    (lost_nodes.paused_briefly, BOUND),
    (announcements.lane, BOUND),
    (lost_nodes.paused_long, LONG_BOUND),
)
OF_ENGINE = (
    (cut_off.cuts, LONG_BOUND),
    (engine.paused_briefly, LONG_BOUND),
    (cut_off.from_engine, LONG_BOUND),
    (cut_off.to_engine, LONG_BOUND),
    (engine.paused_long, LONG_BOUND),
    (engine.killed, LONG_BOUND),
)
ONLY_BY_ENGINE = {
    "asks-twice-after-a-cut",
    "forgets-what-a-cut-took",
    "skips-what-it-missed",
    "asks-again-last-first",
    "does-not-know-it-is-alone",
    "talks-alone",
    "refuses-while-the-engine-rests",
    "ends-all-at-a-hiccup",
    "stays-shut",
}
"""Those that no other lane can find."""


def test_the_catalogue_has_at_least_15_faulty_clusters_and_a_right_one():
    assert len(FAULTY) >= 15
    assert ENTRIES["cluster"]["kind"] == "conforming"
    assert all(set(ENTRIES[name]["breaks"]) <= set(requirements()) for name in FAULTY)


@pytest.mark.parametrize(
    ("lane", "name", "bound", "requirement"),
    [
        (spread.lane, "names-per-node", BOUND, "CLUSTER-1"),
        (lost_nodes.killed, "dead-names-taken", BOUND, "CLUSTER-2"),
        (lost_nodes.paused_briefly, "forgets-what-waits", BOUND, "CLUSTER-3"),
    ],
)
def test_a_fault_is_found_and_told_with_its_node(lane, name, bound, requirement):
    workshop = run_lane(lane, cluster_of(name), bound=bound)
    finding = next(one for one in workshop.findings if one.requirement == requirement)
    assert finding.connection.endswith(("@1", "@2"))
    assert finding.situation
    notes = [event.data.decode() for event in finding.events if not event.connection]
    assert any("is killed (SIGKILL)" in note or "is paused (SIGSTOP)" in note for note in notes) == (
        lane is not spread.lane
    )


@pytest.mark.parametrize(
    ("lane", "name", "requirement", "event"),
    [
        (cut_off.cuts, "asks-twice-after-a-cut", "CLUSTER-3", "half of that passes, and its connections"),
        (engine.paused_briefly, "ends-all-at-a-hiccup", "LEAVE-7", "the engine (127.0.0.1:"),
    ],
)
def test_a_fault_at_the_engine_is_found_and_told_with_what_happened(lane, name, requirement, event):
    workshop = run_lane(lane, cluster_of(name), relayed=True, bound=LONG_BOUND)
    finding = next(one for one in workshop.findings if one.requirement == requirement)
    assert any(event in note.data.decode() for note in finding.events if not note.connection)
    assert finding.situation


def test_a_right_cluster_ends_whom_it_must_and_serves_again_when_its_engine_was_paused_for_long():
    workshop = run_lane(engine.paused_long, cluster_of("cluster"), relayed=True, bound=LONG_BOUND)
    assert workshop.findings == []
    assert workshop.unknown == {}
    assert workshop.evidence["CLUSTER-4"] > 0


def test_a_right_cluster_survives_the_death_of_a_node():
    workshop = run_lane(lost_nodes.killed, cluster_of("cluster"), bound=BOUND)
    assert workshop.findings == []
    assert workshop.evidence["CLUSTER-2"] > 0
    assert workshop.evidence["CLUSTER-3"] > 0
    assert workshop.unknown == {}


def test_what_is_broken_at_one_address_too_is_no_matter_of_addresses():
    workshop = run_lane(spread.lane, cluster_of("errors-at-once"))
    assert broken_by(workshop) == {"ORDER-1"}
    assert "with all clients at one address, ORDER-1 is broken, too" in workshop.unknown["CLUSTER-1"]


@pytest.mark.long("each starts a cluster for each lane until one finds it")
@pytest.mark.parametrize("name", FAULTY)
def test_each_faulty_cluster_is_found_under_a_right_id(name):
    for lane, bound in OF_ENGINE if name in ONLY_BY_ENGINE else LANES:
        found = broken_by(run_lane(lane, cluster_of(name), relayed=name in ONLY_BY_ENGINE, bound=bound))
        if found & set(ENTRIES[name]["breaks"]):
            return
    pytest.fail(f"{name} was not found")


@pytest.mark.long("a node is paused for 8 seconds in each run")
def test_the_right_cluster_is_never_accused():
    async def run(seed):
        async with workshop_with(cluster_of("cluster"), bound=LONG_BOUND, seed=seed) as workshop:
            for lane, _ in (*LANES, *OF_ENGINE):
                instance = await workshop.instance(relayed=True)
                await lane(workshop, instance)
                await workshop.release(instance)
            workshop.report_held()
            return workshop.findings

    async def run_all():
        return await asyncio.gather(*map(run, range(RUNS)))

    assert asyncio.run(run_all()) == [[]] * RUNS
