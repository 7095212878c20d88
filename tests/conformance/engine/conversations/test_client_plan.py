"""The plan of a check of a client: every act, every pair of values, the same for a seed."""

import itertools
import random

from chatproof_conformance.engine.conversations.lanes import lanes
from chatproof_conformance.engine.conversations.plan import (
    STAGES,
    bulk,
    cells_of,
    cut_anywhere,
    plan,
    planned_pairs,
    replies,
)
from chatproof_conformance.space.conversation.acts import Asked
from chatproof_conformance.space.conversation.script import End, Opening, Unread
from chatproof_conformance.space.conversation.server_acts import ALIKE, server_acts
from chatproof_conformance.space.conversation.user_acts import user_acts

PLAN = list(plan(1))


def labels(scripts):
    return {act.label for script in scripts for stage in script.stages for act in stage.acts}


def test_each_act_of_the_lists_is_in_it():
    listed = {act.label for acts in (*server_acts().values(), *user_acts().values()) for act in acts}
    assert listed <= labels(PLAN)


def test_each_planned_pair_is_met():
    met = {cell for script in PLAN for cell in cells_of(script, len(script.stages))}
    assert [cell for cell in planned_pairs() if cell not in met] == []


def test_no_stage_is_without_an_act_or_it_would_not_be_played():
    assert all(stage.acts for script in PLAN for stage in script.stages)


def test_each_opening_meets_each_end():
    pairs = {(script.opening, script.end) for script in PLAN}
    ends = {*End} - {End.INPUT_ENDS}
    assert {(opening, end) for opening, end in pairs if end in ends} == {*itertools.product(Opening, ends)}
    assert End.INPUT_ENDS in {end for _, end in pairs}


def test_a_seed_repeats_a_plan_and_another_makes_another():
    def order(seed):
        return [act.label for script in plan(seed) for stage in script.stages for act in stage.acts]

    assert order(1) == order(1) != order(2)


def test_two_frames_are_cut_at_every_byte():
    for script in cut_anywhere():
        for stage in script.stages:
            data = b"".join(act.frame("plain") + b"\n" for act in stage.acts)
            assert all(0 < place < len(data) for place in stage.cuts)
    places = sum(len(stage.cuts) for script in cut_anywhere() for stage in script.stages)
    assert places > 140


def test_a_bad_frame_is_never_next_to_another():
    bad = {act.label for act in server_acts()["bad"]}
    for script in bulk(random.Random(3)):
        for stage in script.stages:
            acts = [act for act in stage.acts if not isinstance(act, Asked)]
            assert not any(one.label in bad and two.label in bad for one, two in itertools.pairwise(acts))


def test_the_user_speaks_after_each_notice_of_another_and_each_error():
    misleading = {act.label for kind in ("notices", "errors") for act in server_acts()[kind]}
    followed = {
        one.label
        for script in replies()
        for stage in script.stages
        for one, two in itertools.pairwise(stage.acts)
        if isinstance(two, Asked)
    }
    assert misleading <= followed


def test_each_who_has_spoken_has_a_namesake_who_is_whispered_to():
    alike = [stage for script in replies() for stage in script.stages if "alike" in stage.acts[0].label]
    assert len(alike) == len(ALIKE)
    for group, stage in zip(ALIKE, alike, strict=True):
        targets = {act.target for act in stage.acts if isinstance(act, Asked)}
        speakers = {act.message["username"] for act in stage.acts if not isinstance(act, Asked)}
        assert targets == speakers == {*group}


def test_much_is_unread_at_each_end_by_a_user_in_both_directions():
    unread = {(script.end, script.unread) for script in lanes()}
    leaving = (End.LEAVE, End.INPUT_ENDS, End.CONNECTS_ANEW)
    assert unread >= {*itertools.product(leaving, [Unread.OF_USER, Unread.OF_SERVER])}


def test_every_dimension_has_a_plain_value():
    assert all(STAGES[name] for name in STAGES)
    assert "plain" in STAGES["spelling"]
