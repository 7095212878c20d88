"""What completion offers for selections is what can be selected."""

from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.cli.completions import implementations, selection
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import require_known, selected_ids
from chatproof_conformance.engine.checking import case_names
from chatproof_conformance.engine.running import collect_cases


def test_every_case_of_a_client_is_offered_with_its_sentence():
    offered = dict(selection(Role.CLIENT))
    plan = collect_cases(Options(), RunListener())
    assert len(plan) > 20
    assert {case.name: case.title.startswith(offered.get(case.name, "?")) for case in plan} == {
        case.name: True for case in plan
    }


def test_every_requirement_is_offered_and_all_that_is_offered_can_be_selected():
    for role in Role:
        offered = [word for word, _ in selection(role)]
        assert set(selected_ids((), role)) <= set(offered)
        require_known(offered, role, case_names() if role is Role.CLIENT else ())


def test_every_implementation_is_offered():
    assert [name for name, _ in implementations()] == [found.name for found in find_implementations()]
