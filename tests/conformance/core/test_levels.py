"""The levels: which is reached, what comes next, and what a level selects."""

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.levels import ids_up_to, progress_of
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import RequirementResult, Verdict
from chatproof_schemas import Level, requirements, work_levels


def judged(role=Role.SERVER, passed=None, **others):
    ids = [id_ for level in work_levels(role.value) for id_ in level.ids]
    verdicts = dict.fromkeys(ids if passed is None else passed, Verdict.PASS)
    verdicts |= {name.replace("_", "-"): verdict for name, verdict in others.items()}
    return [RequirementResult(requirements()[id_], verdict, (), "", Evidence()) for id_, verdict in verdicts.items()]


@pytest.mark.parametrize("role", Role)
def test_all_levels_are_reached_if_all_pass(role):
    levels = work_levels(role.value)
    found = progress_of(judged(role), role)
    assert (found.reached, found.of, found.next) == (levels[-1], len(levels), None)
    assert found.sentence == f"Level {len(levels)} of {len(levels)}: {levels[-1].subject}"
    assert found.as_json() == {
        "reached": len(levels), "subject": levels[-1].subject, "of": len(levels), "next": None
    }  # fmt: skip


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.PASS])
def test_a_must_that_does_not_pass_ends_the_way_whatever_its_verdict(verdict):
    found = progress_of(judged(JOIN_4=verdict, LOAD_1=verdict), Role.SERVER)
    assert found.sentence == "Level 3 of 8: a talk; next: names (JOIN-4)"
    assert found.as_json()["next"] == {"level": 4, "subject": "names", "open": ["JOIN-4"]}


def test_a_should_does_not_count():
    assert progress_of(judged(JOIN_3=Verdict.WARNING, TIME_1=Verdict.WARNING), Role.SERVER).next is None


def test_no_level_may_be_reached_yet():
    found = progress_of(judged(JOIN_1=Verdict.FAIL), Role.SERVER)
    assert found.sentence == "No level of 8 yet; next: a user joins (JOIN-1)"
    assert (found.as_json()["reached"], found.as_json()["subject"]) == (0, None)


def test_many_that_are_open_are_counted():
    found = progress_of(judged(passed=ids_up_to(5, Role.SERVER)), Role.SERVER)
    assert found.sentence.startswith("Level 5 of 8: private messages; next: errors (FRAME-5, JOIN-9, ")
    assert found.sentence.endswith(", and 9 more)")
    assert len(found.open) == 15


def test_a_selection_without_the_first_level_says_nothing():
    assert progress_of(judged(passed=["PRIVATE-1", "JOIN-1"]), Role.SERVER) is None
    assert progress_of([], Role.CLIENT) is None


@pytest.mark.parametrize("role", Role)
def test_a_level_selects_all_below_it(role):
    levels = work_levels(role.value)
    assert ids_up_to(1, role) == list(levels[0].ids)
    assert ids_up_to(2, role) == [*levels[0].ids, *levels[1].ids]
    for number in (0, len(levels) + 1):
        with pytest.raises(CommandError, match=f"--level {number}: there is no such level; .* 1 to {len(levels)}"):
            ids_up_to(number, role)


def test_the_musts_of_a_level_are_those_of_the_specification():
    for level in (*work_levels("server"), *work_levels("client")):
        assert level.musts
        assert {requirements()[id_].level for id_ in level.musts} == {Level.MUST}
        assert {requirements()[id_].level for id_ in set(level.ids) - set(level.musts)} <= {Level.SHOULD}
