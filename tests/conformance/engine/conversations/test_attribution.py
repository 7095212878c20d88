"""Which requirement a lost frame is a matter of: by what it takes for it to be lost."""

from dataclasses import replace

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.engine.conversations.attribution import requirement_of
from chatproof_conformance.space.conversation.acts import Asked, Said
from chatproof_conformance.space.conversation.messages import valid_message
from chatproof_conformance.space.conversation.script import Stage
from chatproof_conformance.space.segmentation import Segmentation

SHORT, LONG = (Said("message", valid_message("message", text)) for text in ("hi", "x" * 2000))
SPLITTING = Said("message", valid_message("message", "a\u2028b"))


@pytest.mark.parametrize(
    ("seen", "acts", "matters", "alone", "blamed"),
    [
        ("CLIENT-3", [SHORT], (), True, "CLIENT-10"),
        ("CLIENT-3", [SHORT], (), False, "CLIENT-3"),
        ("CLIENT-3", [SHORT], ("segmentation",), True, "CLIENT-3"),
        ("CLIENT-10", [SHORT], ("segmentation",), True, "CLIENT-3"),
        ("CLIENT-3", [LONG], (), True, "CLIENT-3"),
        ("CLIENT-3", [SPLITTING], (), True, "CLIENT-10"),
        ("CLIENT-5", [LONG], ("spelling",), True, "CLIENT-3"),
        ("CLIENT-5", [SHORT], ("spelling",), True, "CLIENT-5"),
        ("CLIENT-3", [SHORT, Asked("say", "hi")], (), True, "CLIENT-3"),
        ("CLIENT-11", [SHORT], ("segmentation",), True, "CLIENT-11"),
        ("CLIENT-8", [SHORT], (), False, "CLIENT-8"),
    ],
)
def test_a_requirement_is_blamed_by_what_matters(seen, acts, matters, alone, blamed):
    finding = Finding(seen, "to be shown", "nothing")
    assert requirement_of(finding, Stage(tuple(acts)), frozenset(matters), alone=alone) == blamed


def test_what_is_lost_after_what_came_before_is_not_shown_once_if_each_frame_is_read_by_itself():
    lost = Finding("CLIENT-3", "to be shown", "nothing")
    stage = Stage((SHORT, SHORT), segmentation=Segmentation.PER_FRAME)
    assert requirement_of(lost, stage, frozenset(), alone=False) == "CLIENT-8"
    assert requirement_of(lost, replace(stage, cuts=(3,)), frozenset(), alone=False) == "CLIENT-3"
    assert requirement_of(lost, replace(stage, acts=(LONG,)), frozenset(), alone=False) == "CLIENT-3"


def test_an_end_is_a_matter_of_what_the_judge_says():
    assert requirement_of(Finding("CLIENT-3", "", ""), None, frozenset(), alone=True) == "CLIENT-3"
