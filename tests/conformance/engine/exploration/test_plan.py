"""What a run means to send: every act, every join, and each pair of values of each two dimensions."""

import pytest

from chatproof_conformance.engine.exploration.plan import drawn_round, plan_rounds
from chatproof_conformance.engine.exploration.reached import cells_of, planned_pairs
from chatproof_conformance.judges.server.client_frames import read_client_frame
from chatproof_conformance.space.acts import acts
from chatproof_conformance.space.joins import join_acts
from chatproof_conformance.space.room import Room

MOST_ACTORS = 30
"""A server owes its service to 50, listeners included (LOAD-1); and notices grow with the square of those who join."""
ROOM = Room("token", "own", ("present", "other"))


def planned(seed=0, *, shared=False):
    return [script for wave in plan_rounds(seed, shared=shared) for script in wave]


def names_of(join):
    return [asked.name for asked in read_client_frame(join.write(ROOM)).messages]


def written(seed):
    """All that makes a plan, as text: acts are known by their labels."""
    return [
        (script.state, script.join and script.join.label, [act.label for act in script.acts], script.segmentation)
        for script in planned(seed)
    ]


def test_every_act_is_sent_once_it_has_joined():
    sent = {(act.member, act.value, act.spelling) for script in planned() if script.joins for act in script.acts}
    assert sent >= {(act.member, act.value, act.spelling) for members in acts().values() for act in members}


def test_every_value_is_sent_before_a_join_too():
    sent = {(act.member, act.value) for script in planned() if not script.joins for act in script.acts}
    kinds = [members for kind, members in acts().items() if kind != "second joins"]
    assert sent >= {(act.member, act.value) for members in kinds for act in members}


def test_every_join_is_the_first_frame_of_a_connection():
    joins = [script.join or script.acts[0] for script in planned() if script.join or len(script.acts) == 1]
    assert {act.label for act in joins} >= {act.label for kind in join_acts().values() for act in kind}


def test_on_a_shared_server_nobody_joins_under_a_name_that_others_may_have():
    scripts = [script for script in planned(shared=True) if script.joins and script.join]
    names = [name for script in scripts for name in names_of(script.join) if script.acts[0].member != "target"]
    assert names
    assert not [name for name in names if "token" not in name]


@pytest.mark.parametrize("seed", range(3))
def test_every_pair_of_values_is_met(seed):
    reached = {cell for script in planned(seed) for cell in cells_of(script)}
    assert not set(planned_pairs()) - reached


def test_acts_of_one_kind_are_cut_in_many_ways():
    cells = {cell for script in planned() for cell in cells_of(script)}
    cut = {(kind, how) for dimension, kind, other, how in cells if (dimension, other) == ("act", "segmentation")}
    for kind in ("message.content", "private_message.content", "private_message.target"):
        assert len({how for one, how in cut if one == kind}) >= 8


def test_a_seed_repeats_a_plan_and_another_makes_another():
    assert written(3) == written(3)
    assert written(3) != written(4)


def test_waves_are_small_enough_to_judge():
    for wave in (*plan_rounds(0, shared=False), *drawn_round(0)):
        assert 0 < len(wave) <= MOST_ACTORS
        assert sum(len(script.acts) for script in wave) < 1000


def test_drawn_rounds_go_on_with_other_acts():
    first, second = ({act.label for wave in drawn_round(seed) for s in wave for act in s.acts} for seed in (1, 2))
    assert len(second - first) > 20
