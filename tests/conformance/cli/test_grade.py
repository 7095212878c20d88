"""``chatproof grade`` as its user meets it; no submission here gets as far as a check, which takes a while."""

import json
import stat

import pytest

from support.autograders import autolab, gradescope
from support.commands import chatproof, run_command

SCHEME = """\
title = "Chat"
build = "sh build.sh"
start = "./start {port}"
start_seconds = 3
[[part]]
name = "Joining"
points = 10
requirements = ["JOIN"]
"""


@pytest.fixture
def folder(tmp_path):
    """A class of three, none of which starts."""
    (tmp_path / "grading.toml").write_text(SCHEME)
    builds = {"ann": "echo wrong; exit 3", "bob": "true", "eve": "echo 'exit 7' > start; chmod +x start"}
    for name, build in builds.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "build.sh").write_text(build + "\n")
    return tmp_path


def grade(folder, *words):
    return run_command("grade", *words, "--scheme", "grading.toml", folder=folder)


def test_every_submission_has_its_row_and_what_has_not_changed_is_not_graded_again(folder):
    done = grade(folder, "class", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ann  0 of 10  does not build: sh build.sh: exit status 3" in done.stdout
    assert "bob  0 of 10  does not start: cannot run ./start: No such file or directory" in done.stdout
    assert "eve  0 of 10  does not start:" in done.stdout
    assert sorted(path.name for path in (folder / "grades").iterdir()) == [
        "grades.csv", "grades.json", "index.html", "results", "submissions",
    ]  # fmt: skip
    assert (folder / "class" / "eve").stat().st_mode & stat.S_IFDIR
    assert not (folder / "class" / "eve" / "start").exists()  # what it builds is in a copy
    (folder / "class" / "bob" / "build.sh").write_text("exit 4\n")
    done = grade(folder, "class")
    assert "3 submissions, 2 of them graded before; 1 to grade" in done.stdout
    assert "bob  0 of 10  does not build" in done.stdout
    done = grade(folder, "class", "--again", "--jobs", "3")
    assert "3 submissions; 3 to grade, 3 at a time" in done.stdout
    rows = json.loads((folder / "grades" / "grades.json").read_text())["submissions"]
    assert [row["name"] for row in rows] == ["ann", "bob", "eve"]


def test_a_file_for_an_autograder_each(folder):
    done = grade(folder, "class", "--report", "gradescope=out/{name}.json", "--output", "there")
    assert done.returncode == 0
    assert gradescope((folder / "out" / "ann.json").read_text()) == {"Joining": 0}
    output = json.loads((folder / "out" / "ann.json").read_text())["output"]
    assert "sh build.sh: exit status 3.\n\nIt printed:\n  wrong" in output
    assert (folder / "there" / "index.html").exists()


def test_standard_output_has_nothing_but_what_was_asked_for(folder):
    done = grade(folder, "class/ann", "--single", "--report", "autolab=-")
    assert autolab(done.stdout) == {"Joining": 0}
    assert "1 submission; 1 to grade" not in done.stdout
    assert "1 submission; 1 to grade" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere: is no folder"),
        (["class/ann"], "no folder in it, so no submission; give --single"),
        (
            ["class", "--report", "gradescope=x.json"],
            "each submission needs a file; write gradescope=results/{name}.json",
        ),
        (["class", "--report", "grad=x"], "there is no kind 'grad'; the kinds are gradescope, prairielearn"),
        (["class", "--report", "junit"], "--report junit: names no file; write junit=FILE"),
        (["class/ann", "--single", "--report", "junit=-,autolab=-"], "only one result can go to standard output"),
        (["class", "--output", "grading.toml"], "--output grading.toml: cannot be written"),
        (["class", "--report", "classroom50={name}"], "its runner sets CLASSROOM"),
        (["class/ann", "--single", "--report", "junit=grading.toml"], "would overwrite --scheme grading.toml"),
        (["class/ann", "--single", "--report", "junit=x,autolab=x"], "is written as --report junit=x too"),
        (["class/ann", "--single", "--output", "class/ann/out"], "lies in the submission ann; give it another place"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_graded(words, said, folder):
    done = grade(folder, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (folder / "grades" / "results").exists()


def test_it_shows_a_scheme():
    code, text = chatproof("grade", "--help")
    assert code == 0
    assert "[[part]]" in text
