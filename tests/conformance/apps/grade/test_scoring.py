"""Points: shares of requirements, MUST and SHOULD, all or nothing, what was not tested."""

import pytest

from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scoring import score
from conformance.apps.grade.made_grades import checked, graded, grades, scheme
from support.made_reports import finding, result

HEAD = 'start = "./s {port}"\nannounce = "stdin"\n[[part]]\nname = "x"\npoints = 10\n'


def points(folder, part, *results):
    return score(checked(*results), scheme(folder, HEAD + part)).points


def passes(id_):
    return result(id_, case=id_)


def fails(id_):
    return result(id_, case=id_, findings=[finding(id_, id_)])


@pytest.mark.parametrize(
    ("part", "results", "earned"),
    [
        ('requirements = ["JOIN-1", "JOIN-2"]', [passes("JOIN-1"), passes("JOIN-2")], 10),
        ('requirements = ["JOIN-1", "JOIN-2"]', [passes("JOIN-1"), fails("JOIN-2")], 5),
        ('requirements = ["JOIN-1", "JOIN-2"]', [passes("JOIN-1")], 5),
        ('requirements = ["JOIN-1", "JOIN-2"]\npartial = false', [passes("JOIN-1"), fails("JOIN-2")], 0),
        ('requirements = ["JOIN-1", "JOIN-2"]\npartial = false', [passes("JOIN-1"), passes("JOIN-2")], 10),
        # JOIN-3 is a SHOULD
        ('requirements = ["JOIN-1", "JOIN-3"]', [passes("JOIN-1"), fails("JOIN-3")], 6.66),
        ('requirements = ["JOIN-1", "JOIN-3"]\nshould = 1', [passes("JOIN-1"), fails("JOIN-3")], 5),
        ('requirements = ["JOIN-1", "JOIN-3"]\nshould = 0', [passes("JOIN-1"), fails("JOIN-3")], 10),
        ('requirements = ["JOIN-3"]\nonly = "SHOULD"', [passes("JOIN-3")], 10),
        # nobody could test it: it counts for nothing
        (
            'requirements = ["JOIN-1", "SERVER-1"]',
            [passes("JOIN-1"), result("SERVER-1", reason="no way to announce", not_tested=True)],
            10,
        ),
        ('requirements = ["SERVER-1"]', [result("SERVER-1", reason="no way to announce", not_tested=True)], 0),
        # nothing is known: no points
        ('requirements = ["JOIN-1", "JOIN-2"]', [passes("JOIN-1"), result("JOIN-2", reason="a fence was lost")], 5),
    ],
)
def test_points(part, results, earned, tmp_path):
    assert points(tmp_path, part, *results) == earned


def test_nobody_gets_all_points_who_has_not_passed_all(tmp_path):
    part = 'requirements = ["FRAME", "JOIN", "LEAVE", "PUBLIC", "PRIVATE", "CONFIRM"]'.replace("points = 10", "")
    plan = scheme(tmp_path, HEAD.replace("points = 10", "points = 0.1") + part)
    results = [fails("JOIN-3"), *(passes(id_) for id_ in plan.running.ids if id_ != "JOIN-3")]
    assert score(checked(*results), plan).points == 0.09


def test_what_was_not_checked_gives_nothing(tmp_path):
    _, all_ = grades(tmp_path)
    assert [all_[name].points for name in ("full", "no build", "no start", "lost")] == [15.0, 0, 0, 0]
    assert [name for name, grade in all_.items() if grade.needs_a_look] == ["lost"]
    assert all_["checked"].broken == 2
    assert graded(Outcome.NO_BUILD).report is None
