"""What a check knows: a finding that may be another's waits, and is hidden by it."""

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.workshop import Workshop

TWICE = Finding("LEAVE-1", "one notice that bob left", "another", instead=("LEAVE-5",))
OF_ANOTHER = Finding("LEAVE-5", "no notice of the end of one who never joined", "bob left")


@pytest.fixture
def workshop():
    return Workshop(ServerSource(), Options(), RunListener())


def test_what_may_be_another_fault_waits_until_the_end(workshop):
    workshop.report(TWICE)
    assert workshop.findings == []
    workshop.report_held()
    assert [one.requirement for one in workshop.findings] == ["LEAVE-1"]


@pytest.mark.parametrize("order", [(TWICE, OF_ANOTHER), (OF_ANOTHER, TWICE)], ids=["before", "after"])
def test_it_is_counted_as_the_other_if_that_is_known(workshop, order):
    for finding in order:
        workshop.report(finding)
    workshop.report_held()
    assert [(one.requirement, one.hides) for one in workshop.findings] == [("LEAVE-5", 1)]


def ended(requirement, number):
    return Finding(requirement, "that the connection goes on", "the end of the connection", situation=f"act {number}")


def test_a_connection_that_ends_is_shown_once_more_for_a_requirement_that_is_not_shown_yet(workshop):
    for number in range(4):
        workshop.report(ended("PUBLIC-1", number))
    workshop.report(ended("ERROR-10", 4))
    assert [one.requirement for one in workshop.findings] == ["PUBLIC-1"] * 3 + ["ERROR-10"]
    assert not workshop.represented


def test_what_is_broken_but_only_counted_does_not_pass(workshop):
    for number, requirement in enumerate(("PUBLIC-1", "PUBLIC-3", "ERROR-2", "ERROR-10", "ERROR-10")):
        workshop.report(ended(requirement, number))
    assert [one.hides for one in workshop.findings] == [2, 0, 0]
    assert workshop.stand_ins() == {"ERROR-10": ("PUBLIC-1", workshop.findings[0].expected_there)}
