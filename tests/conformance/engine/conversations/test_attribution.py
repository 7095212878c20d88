"""Which requirement a lost frame is a matter of: by what it takes for it to be lost."""

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.engine.conversations.attribution import requirement_of
from chatproof_conformance.space.conversation.acts import Asked, Said
from chatproof_conformance.space.conversation.messages import valid_message
from chatproof_conformance.space.conversation.script import Stage

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
    ],
)
def test_a_requirement_is_blamed_by_what_matters(seen, acts, matters, alone, blamed):
    finding = Finding(seen, "to be shown", "nothing")
    assert requirement_of(finding, Stage(tuple(acts)), frozenset(matters), alone=alone) == blamed


def test_an_end_is_a_matter_of_what_the_judge_says():
    assert requirement_of(Finding("CLIENT-3", "", ""), None, frozenset(), alone=True) == "CLIENT-3"
