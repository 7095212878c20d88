"""What completion offers for selections is what can be selected."""

from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.cli.names import client_selection, implementations, server_selection
from chatproof_conformance.core.options import Options
from chatproof_conformance.engine.checking import unknown_words
from chatproof_conformance.engine.client_checking import unknown_words as unknown_to_clients
from chatproof_conformance.engine.running import collect_cases
from chatproof_conformance.engine.system_under_test import CLIENT_CASES, SERVER_CASES


class Ignoring:
    def planned(self, cases):
        pass


def test_every_case_is_offered_with_its_sentence():
    for folder, offered in ((SERVER_CASES, dict(server_selection())), (CLIENT_CASES, dict(client_selection()))):
        plan = collect_cases(Options(), Ignoring(), folder).plan
        assert len(plan) > 20
        assert {case.name: case.title.startswith(offered.get(case.name, "?")) for case in plan} == {
            case.name: True for case in plan
        }
        assert {id_ for case in plan for id_ in case.requirements} <= set(offered)


def test_all_that_is_offered_can_be_selected():
    assert unknown_words(Options(tuple(word for word, _ in server_selection()))) == []
    assert unknown_to_clients(Options(tuple(word for word, _ in client_selection()))) == []


def test_every_implementation_is_offered():
    assert [name for name, _ in implementations()] == [found.name for found in find_implementations()]
