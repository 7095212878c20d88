"""Every requirement of a server that SPEC.md has is tested by a case that stands in the harness."""

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.engine.running import collect_cases
from chatproof_schemas import requirements


def test_every_requirement_of_a_server_has_a_case_of_its_own():
    plan = collect_cases(Options(), RunListener(), Role.SERVER)
    by_hand = {id_ for case in plan if not case.traffic for id_ in case.requirements}
    assert {id_ for id_, row in requirements().items() if row.section != "CLIENT"} - by_hand == set()


def test_no_case_tests_what_the_specification_does_not_ask():
    for role in Role:
        plan = collect_cases(Options(), RunListener(), role)
        assert {id_ for case in plan for id_ in case.requirements} <= set(requirements())
