"""A class of thirty, made of the catalogue: one command, every row right, and nobody harmed by anybody.

A landing grades a third of it; with CHATPROOF_TEST_WHOLE_CLASS=1 in the environment, as by nox, it is the whole class.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from support.classroom import SCHEME, hand_in, left_running, pupils

MOST_SECONDS = 300 * 4
"""Five minutes on two cores that nobody else uses; a machine that is busy gets more."""
MIB = 1024 * 1024


def grade(folder, *words, **more):
    command = [Path(sys.executable).with_name("chatproof"), "grade", "class", "--scheme", "grading.toml", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **more)


def rows(folder):
    return {row["name"]: row for row in json.loads((folder / "grades" / "grades.json").read_text())["submissions"]}


def broken(row):
    return {id_ for id_, verdict in row["requirements"].items() if verdict in ("fail", "warning")}


def wrong(pupil, row):
    """Why a row is not right; empty if it is."""
    if row["outcome"] not in pupil.outcomes:
        return f"{row['outcome']}: {row['reason']}"
    if pupil.faults is None or pupil.outcomes != ("checked",):
        return "" if pupil.faults is None or row["points"] < 100 else "it has all of the points"
    if missed := [sorted(one) for one in pupil.faults if not one & broken(row)]:
        return f"{missed} is not seen"
    if more := broken(row) - frozenset().union(*pupil.faults):
        return f"{sorted(more)} is not broken"
    return "" if (row["points"] == 100) == pupil.conforms else f"{row['points']} points"


def graded(output):
    """Return the class, or of each kind of pupil some."""
    people = pupils(output)
    assert len(people) == 30
    return people if "CHATPROOF_TEST_WHOLE_CLASS" in os.environ else [people[0], *people[1::3]]


@pytest.mark.long("many checks of servers")
@pytest.mark.timeout(MOST_SECONDS * 2)
def test_a_class(tmp_path):
    people = graded(tmp_path / "grades")
    (tmp_path / "grading.toml").write_text(SCHEME)
    for pupil in people:
        hand_in(tmp_path / "class", pupil)
    free, began = shutil.disk_usage(tempfile.gettempdir()).free, time.monotonic()
    done = grade(tmp_path, "--report", "junit=junit/{name}.xml")
    seconds = time.monotonic() - began
    print(done.stdout, done.stderr, f"{seconds:.0f} s")  # noqa: T201  how long it took is a result
    assert done.returncode == 0, done.stdout + done.stderr
    found = rows(tmp_path)
    assert {pupil.name: why for pupil in people if (why := wrong(pupil, found[pupil.name]))} == {}
    assert found.keys() == {pupil.name for pupil in people}
    assert seconds < MOST_SECONDS
    assert left_running() == []
    assert free - shutil.disk_usage(tempfile.gettempdir()).free < 1000 * MIB  # others write there, too
    written = {path.name for path in (tmp_path / "grades").iterdir()}
    assert written == {"index.html", "grades.csv", "grades.json", "results", "submissions"}
    names = {pupil.name for pupil in people}
    assert {path.stem for path in (tmp_path / "grades" / "results").iterdir()} == names
    assert {path.stem for path in (tmp_path / "grades" / "submissions").iterdir()} == names
    assert "cheated" not in "".join(path.read_text() for path in (tmp_path / "grades" / "results").iterdir())
    assert [path for path in (tmp_path / "class").rglob("*") if "cheats" in path.name and path.is_file()] == []
    with (tmp_path / "grades" / "grades.csv").open() as file:
        assert {row["submission"]: float(row["points"]) for row in csv.DictReader(file)} == {
            name: row["points"] for name, row in found.items()
        }
    again(tmp_path, found)


def again(folder, before):
    """A second run grades what has changed alone; other points need no check at all."""
    began = time.monotonic()
    done = grade(folder)
    assert f"{len(before)} of them graded before; 0 to grade" in done.stdout
    assert rows(folder) == before
    assert time.monotonic() - began < 60
    (folder / "class" / "bad-no-build" / "build.sh").write_text("exit 7\n")
    scheme = (folder / "grading.toml").read_text().replace("points = 60", "points = 6")
    (folder / "grading.toml").write_text(scheme)
    done = grade(folder)
    assert f"{len(before) - 1} of them graded before; 1 to grade" in done.stdout
    found = rows(folder)
    assert "status 7" in found["bad-no-build"]["reason"]
    assert found["good-baseline"]["points"] == 46


@pytest.mark.long("some checks of servers")
def test_it_goes_on_where_it_was_interrupted(tmp_path):
    names = ("good-baseline", "good-welcome", "bad-no-build")
    (tmp_path / "grading.toml").write_text(SCHEME)
    for pupil in pupils(tmp_path):
        if pupil.name in names:
            hand_in(tmp_path / "class", pupil)
    words = [Path(sys.executable).with_name("chatproof"), "grade", "class", "--scheme", "grading.toml", "--jobs", "1"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        while "bad-no-build" not in process.stdout.readline():
            pass
        time.sleep(3)  # the next one is being checked by now
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        rest = process.stdout.read()
        assert process.wait() == 130
        assert time.monotonic() - asked < 3
    assert "Interrupted: 1 of 3 are graded; the same command goes on with the others." in rest
    assert left_running() == []
    assert [path.name for path in Path(tempfile.gettempdir()).glob("chatproof-grade-*")] == []
    done = grade(tmp_path)
    assert "1 of them graded before; 2 to grade" in done.stdout
    assert [row["points"] for row in rows(tmp_path).values()] == [0, 100, 100]
