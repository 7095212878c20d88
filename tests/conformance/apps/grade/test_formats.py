"""What autograders read, held against what each asks of it."""

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.grade.formats import KINDS, render, require
from conformance.apps.grade.made_grades import TEXT, grades, scheme
from support import autograders

CONTEXT = {
    "CLASSROOM": "cs1",
    "ASSIGNMENT": "chat",
    "MODE": "individual",
    "USERNAME": "ann",
    "SUBMISSION_TAG": "submit/2026-11-30T10-00-00Z-abcdef0",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/release/1",
}
POINTS = {"Talking": 2.66, "Joining": 2.66, "Order, all or nothing": 3.0}
FULL = {"Talking": 8.0, "Joining": 4.0, "Order, all or nothing": 3.0}
BY_PARTS = ("gradescope", "prairielearn", "autolab")
SECRETS = ("PRIVATE-2", "leaks", "evil.example", "ORDER-1")


@pytest.fixture
def plan(tmp_path, monkeypatch):
    for name, value in CONTEXT.items():
        monkeypatch.setenv(name, value)
    return grades(tmp_path)


@pytest.mark.parametrize("kind", BY_PARTS)
def test_points_by_part(kind, plan):
    made, all_ = plan
    reader = getattr(autograders, kind)
    assert reader(render(kind, all_["checked"], made)) == POINTS
    assert reader(render(kind, all_["full"], made)) == FULL
    assert reader(render(kind, all_["no start"], made)) == dict.fromkeys(FULL, 0)


def test_whole_points_for_classroom50(plan):
    made, all_ = plan
    assert autograders.classroom50(render("classroom50", all_["checked"], made)) == {
        "Talking": 2, "Joining": 2, "Order, all or nothing": 3,
    }  # fmt: skip
    assert autograders.classroom50(render("classroom50", all_["no build"], made)) == dict.fromkeys(FULL, 0)


def test_a_program_that_does_not_compile_costs_no_attempt_in_prairielearn(plan):
    made, all_ = plan
    text = render("prairielearn", all_["no build"], made)
    assert autograders.prairielearn(text) is None
    assert "make: exit status 2" in text


def test_a_check_of_check50_for_each_requirement(plan):
    made, all_ = plan
    found = autograders.check50(render("check50", all_["checked"], made))
    assert found == {
        "starts": True, "public_1": True, "private_1": None, "join_1": True, "join_3": False, "order_2": True,
        "hidden_1": True, "hidden_2": False,
    }  # fmt: skip
    found = autograders.check50(render("check50", all_["no build"], made))
    assert found.pop("starts") is False
    assert set(found.values()) == {None}
    assert autograders.check50(render("check50", all_["lost"], made)) is None


def test_junit_has_the_same_tests_whatever_became_of_it(plan):
    made, all_ = plan
    checked = autograders.junit(render("junit", all_["checked"], made))
    assert checked == {
        "starts": "passed", "PUBLIC-1": "passed", "PRIVATE-1": "failure", "JOIN-1": "passed", "JOIN-3": "failure",
        "ORDER-2": "passed", "HIDDEN-1": "passed", "HIDDEN-2": "failure",
    }  # fmt: skip
    lost = autograders.junit(render("junit", all_["no build"], made))
    assert lost.keys() == checked.keys()
    assert set(lost.values()) == {"failure"}
    assert set(autograders.junit(render("junit", all_["lost"], made)).values()) == {"error"}


@pytest.mark.parametrize("kind", ["gradescope", "autolab", "classroom50"])
def test_what_could_not_be_graded_is_nobodys_zero(kind, plan):
    made, all_ = plan
    assert render(kind, all_["lost"], made) is None


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_tells_what_is_hidden(kind, plan):
    made, all_ = plan
    text = render(kind, all_["checked"], made)
    assert [secret for secret in SECRETS if secret in text] == []
    assert "HIDDEN-2" in text or "hidden_2" in text
    assert "seen by all" in text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["checked", "full", "no build", "no start", "lost"])
def test_every_file_is_read_by_its_consumer(kind, name, plan):
    made, all_ = plan
    if (text := render(kind, all_[name], made)) is not None:
        getattr(autograders, kind)(text)
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_classroom50_needs_its_runner_and_whole_points(tmp_path, monkeypatch):
    made = scheme(tmp_path)
    for name in CONTEXT:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CommandError, match="its runner sets CLASSROOM, ASSIGNMENT, MODE"):
        require("classroom50", made)
    for name, value in CONTEXT.items():
        monkeypatch.setenv(name, value)
    require("classroom50", made)
    with pytest.raises(CommandError, match=r"whole points only, and part 'Joining' gives 4\.5"):
        require("classroom50", scheme(tmp_path, TEXT.replace("points = 4", "points = 4.5")))
