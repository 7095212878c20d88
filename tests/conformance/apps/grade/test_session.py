"""A whole grading: what is nobody's fault is nobody's zero, seeds, and what the user is warned of."""

import json

import pytest

from chatproof_common.terminal import Terminal
from chatproof_conformance.apps.grade import grading, session
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scoring import score
from chatproof_conformance.apps.grade.submissions import find_submissions
from conformance.apps.grade.made_grades import TEXT, graded, scheme


@pytest.fixture
def asked(tmp_path):
    """Return a function that makes what the command line asks for."""
    (tmp_path / "grading.toml").write_text(TEXT)
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "bob").mkdir()

    def request(**more):
        given = {
            "folders": [str(tmp_path / "class")],
            "scheme": str(tmp_path / "grading.toml"),
            "output": tmp_path / "grades",
            "single": False,
            "jobs": 2,
            "again": False,
            "reports": [],
        }
        return session.Request(**given | more)

    return request


def test_a_fault_of_ours_gives_no_points_and_no_file_and_is_tried_again(asked, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(grading, "_MODULE", "no_such_module")
    out = tmp_path / "out"
    out.mkdir()
    (out / "ann.json").write_text("of yesterday")
    request = asked(reports=[f"gradescope={out}/{{name}}.json", f"junit={out}/{{name}}.xml"])
    assert session.run(request) == session.SOME_NOT
    printed = " ".join(capsys.readouterr().out.split())
    assert "ann ? could not be graded: its grader ended with exit status 1:" in printed
    assert "No module named no_such_module" in printed
    assert "ann.json is left out: ann could not be graded" in printed
    assert "2 could not be graded: ann, bob" in printed
    assert [path.name for path in sorted(out.iterdir())] == ["ann.xml", "bob.xml"]
    rows = json.loads((tmp_path / "grades" / "grades.json").read_text())["submissions"]
    assert [row["points"] for row in rows] == [None, None]
    session.run(request)
    assert "2 submissions; 2 to grade, 2 at a time" in capsys.readouterr().out


def test_what_nothing_confines_is_warned_of(capsys, tmp_path):
    made = scheme(tmp_path)
    for means, warned in [(("a session", "limits"), True), (("a session", "limits", "Landlock 7"), False), ((), False)]:
        grade = score(graded(Outcome.NO_BUILD, means=means), made)
        assert session._conclude([grade], tmp_path, Terminal()) == session.ALL_GRADED  # noqa: SLF001  its text
        assert ("lets us confine little" in capsys.readouterr().out) is warned


def test_each_has_its_seed_or_all_the_same(tmp_path):
    for name in ("ann", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
    people = find_submissions([str(tmp_path / "class")], single=False, besides=tmp_path / "grades")

    def seeds(text):
        made = grading.Grading(scheme=scheme(tmp_path, text), results=tmp_path, hidden=(), jobs=1)
        return [made.seed_of(one) for one in people]

    assert len(set(seeds(TEXT))) == 2
    assert seeds(TEXT) == seeds(TEXT)
    assert seeds(f"seed = 8\n{TEXT}") != seeds(TEXT)
    assert seeds(f"seed = 8\nsame_seed = true\n{TEXT}") == [8, 8]


def test_what_is_hidden_is_never_what_is_needed(tmp_path):
    for name in ("ann", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
    people = find_submissions([str(tmp_path / "class")], single=False, besides=tmp_path / "grades")
    hidden = session._hidden  # noqa: SLF001  what a submission could read
    assert hidden([tmp_path / "class"], people) == [(tmp_path / "class").resolve()]
    for root in ("/", tmp_path.anchor):
        assert hidden([type(tmp_path)(root)], people) == [one.folder.resolve() for one in people]
