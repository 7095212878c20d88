"""Every requirement of a server that SPEC.md has is proven by a case that stands in the harness."""

from chatproof_conformance.core.options import Options
from chatproof_conformance.engine.running import collect_cases
from chatproof_schemas import requirements


class Silent:
    """A listener that hears of a run and says nothing."""

    def planned(self, cases):
        """Hear of the plan."""

    def started(self, case):
        """Hear of a case that begins."""

    def finished(self, case, result):
        """Hear of a case that has ended."""


def test_every_requirement_of_a_server_has_a_case_of_its_own():
    plan = collect_cases(Options(), Silent()).plan
    by_hand = {id_ for case in plan if not case.traffic for id_ in case.requirements}
    assert {id_ for id_, row in requirements().items() if row.section != "CLIENT"} - by_hand == set()


def test_no_case_proves_what_the_specification_does_not_ask():
    plan = collect_cases(Options(), Silent()).plan
    assert {id_ for case in plan for id_ in case.requirements} <= set(requirements())
