"""Where connections are placed on a server of several addresses."""

from itertools import combinations
from types import SimpleNamespace

import pytest

from chatproof_conformance.endpoints.waves.placement import Placement

ADDRESSES = [("127.0.0.1", port) for port in (1, 2, 3)]
KINDS = ("observer", "observer half", "lurker", "speaker", "")


def placed(placement, label):
    one = SimpleNamespace(is_over=False, node=placement.choose(label))
    placement.put(one, label, one.node)
    return one


def test_one_address_is_everyones():
    placement = Placement(ADDRESSES[:1])
    assert not placement.is_spread
    assert {placement.choose(f"speaker {number}") for number in range(20)} == {1}


@pytest.mark.parametrize("nodes", [2, 3])
@pytest.mark.parametrize("seed", [0, 7, 4711])
def test_any_two_kinds_soon_meet_at_one_node_and_at_two(nodes, seed):
    placement = Placement(ADDRESSES[:nodes], seed)
    met = set()
    for number in range(8):
        there = [(kind, placed(placement, f"{kind} tok{number}n")) for kind in KINDS]
        for (kind, one), (other_kind, other) in combinations(there, 2):
            met.add((kind, other_kind, one.node == other.node))
        for _, one in there:
            one.is_over = True
    assert met == {(*pair, together) for pair in combinations(KINDS, 2) for together in (True, False)}


def test_no_node_is_left_out_and_none_overcrowded():
    placement = Placement(ADDRESSES)
    nodes = [placed(placement, f"speaker {number}").node for number in range(30)]
    assert {nodes.count(node) for node in (1, 2, 3)} <= {9, 10, 11}


def test_a_seed_repeats_it():
    def nodes(seed):
        placement = Placement(ADDRESSES, seed)
        return [placed(placement, f"{kind} {number}").node for number in range(5) for kind in KINDS]

    assert nodes(5) == nodes(5)
    assert len({tuple(nodes(seed)) for seed in range(6)}) > 1


def test_who_has_gone_counts_no_more():
    placement = Placement(ADDRESSES[:2])
    gone = [placed(placement, f"speaker {number}") for number in range(9)]
    for one in gone:
        one.is_over = True
    assert {placed(placement, "speaker 10").node, placed(placement, "speaker 11").node} == {1, 2}
