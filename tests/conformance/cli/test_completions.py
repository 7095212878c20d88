"""What completion offers for selections is what can be selected."""

from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.cli.completions import implementations, selection
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.engine.checking import unknown_words
from chatproof_conformance.engine.running import collect_cases


def test_every_case_is_offered_with_its_sentence():
    for role in Role:
        offered = dict(selection(role))
        plan = collect_cases(Options(), RunListener(), role)
        assert len(plan) > 20
        assert {case.name: case.title.startswith(offered.get(case.name, "?")) for case in plan} == {
            case.name: True for case in plan
        }
        assert {id_ for case in plan for id_ in case.requirements} <= set(offered)


def test_all_that_is_offered_can_be_selected():
    for role in Role:
        assert unknown_words(Options(tuple(word for word, _ in selection(role))), role) == []


def test_every_implementation_is_offered():
    assert [name for name, _ in implementations()] == [found.name for found in find_implementations()]
