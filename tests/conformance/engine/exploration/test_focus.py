"""A focused check plays the smoke and what puts the selection to the test."""

import pytest

from chatproof_conformance.engine.exploration.focus import focused
from chatproof_conformance.engine.exploration.lanes import GROUPS, SUBJECTS
from chatproof_conformance.engine.exploration.plan import plan_rounds


@pytest.fixture(scope="module")
def waves():
    return list(plan_rounds(1, shared=False))


def acts_of(waves):
    return [act for wave in waves for script in wave for act in (*script.acts, *([script.join] if script.join else []))]


@pytest.mark.parametrize(
    ("ids", "types"),
    [(["PRIVATE-1", "PRIVATE-2"], {"private_message"}), (["PUBLIC-1"], {"message"}), (["JOIN-4"], {"join"})],
)
def test_beside_the_smoke_only_what_belongs_to_the_section(waves, ids, types):
    found = list(focused(waves, ids))
    assert found[:2] == waves[:2]
    assert 5 < len(found) < len(waves) / 2
    assert types <= {act.type for act in acts_of(found[2:])}
    if types != {"join"}:  # a name is tried by a join, with whatever follows
        assert {act.type for act in acts_of(found[2:])} <= {*types, "join"}


def test_frames_take_waves_of_everything(waves):
    assert {"message", "private_message", "join"} <= {
        act.type for act in acts_of(list(focused(waves, ["FRAME-6"]))[2:])
    }


def test_what_only_lanes_put_to_the_test_leaves_the_smoke(waves):
    assert list(focused(waves, ["STOP-1"])) == waves[:2]


@pytest.mark.parametrize("more", [[], ["FRAME-4"], ["JOIN-4"], ["LEAVE-1", "ERROR-4"]])
def test_names_that_are_nearly_the_same_are_never_left_out_of_what_they_alone_show(waves, more):
    alike = [label for label in map(labels_of, waves) if any("names alike" in one for one in label)]
    found = [*map(labels_of, focused(waves, ["JOIN-7", *more]))]
    assert alike
    assert all(label in found for label in alike)


def labels_of(wave):
    return [script.join.label for script in wave if script.join]


def test_each_lane_says_what_is_waited_for():
    lanes = {lane for group in GROUPS for lane in group.lanes}
    assert lanes == set(SUBJECTS)
    assert all(len(subject) <= 34 for subject in SUBJECTS.values())
