"""What is remembered of the last run: what failed, for each target apart."""

import os

import pytest

from chatproof_conformance.core.exploration import Exploration, run_result
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.last_failures import last_failures, latest_failures, remember_failures


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def remember(ids, *failed):
    exploration = Exploration(findings=tuple(Finding(id_, "x", "y") for id_ in failed))
    remember_failures(Role.SERVER, " localhost:1", run_result(exploration, ids).judged)


def test_what_failed_is_known_next_time_and_what_was_not_judged_stays():
    remember(["JOIN-1", "ERROR-1", "TIME-1"], "ERROR-1", "JOIN-1")
    assert last_failures(Role.SERVER, " localhost:1") == ["JOIN-1", "ERROR-1"]
    remember(["ERROR-1"])
    assert last_failures(Role.SERVER, " localhost:1") == ["JOIN-1"]
    assert last_failures(Role.SERVER, " localhost:2") == last_failures(Role.CLIENT, " localhost:1") == []


def test_the_latest_check_is_known_with_what_to_mend_first(folder):
    assert latest_failures() == ("", [])
    remember(["JOIN-1", "ERROR-1"], "ERROR-1", "JOIN-1")
    (older,) = folder.rglob("*.json")
    os.utime(older, (1, 1))
    exploration = Exploration(findings=(Finding("PUBLIC-1", "x", "y"), Finding("CLIENT-8", "x", "y")))
    judged = run_result(exploration, ["PUBLIC-1", "CLIENT-8"]).judged
    remember_failures(Role.CLIENT, " --command x", judged, ["CLIENT-8", "PUBLIC-1"])
    assert latest_failures() == ("chatproof check-client --command x", ["CLIENT-8", "PUBLIC-1"])


def test_what_failed_before_a_check_that_passed_is_not_the_latest():
    remember(["JOIN-1", "ERROR-1"], "ERROR-1")
    remember(["JOIN-1"])
    assert latest_failures() == ("chatproof check localhost:1", [])
    assert last_failures(Role.SERVER, " localhost:1") == ["ERROR-1"], "for --failed it is not mended yet"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"failed": 1}', '{"failed": ["JOIN-99", 7]}'])
def test_a_file_that_is_none_of_ours_is_no_error(folder, text):
    remember(["JOIN-1"], "JOIN-1")
    (file,) = folder.rglob("*.json")
    file.write_text(text)
    assert last_failures(Role.SERVER, " localhost:1") == []
    assert latest_failures()[1] == []


def test_a_cache_that_cannot_be_written_is_no_error(folder):
    (folder / "chatproof").touch()
    remember(["JOIN-1"], "JOIN-1")
    assert last_failures(Role.SERVER, " localhost:1") == []


@pytest.mark.parametrize(
    "content", ["[" * 100_000, '["x"]', '{"checked": 1, "failed": 2}', "\x00", "[" + "1," * 900_000 + "1]"]
)
def test_a_file_that_is_none_of_ours_is_as_good_as_none(folder, content):
    remember(["JOIN-1"], "JOIN-1")
    (file,) = folder.rglob("*.json")
    file.write_text(content)
    assert latest_failures() == ("", [])
    assert last_failures(Role.SERVER, " localhost:1") == []


@pytest.mark.parametrize("make", [os.mkfifo, lambda file: file.symlink_to("/dev/zero")])
def test_what_is_there_in_place_of_the_file_is_neither_awaited_nor_read_for_ever(folder, make):
    remember(["JOIN-1"], "JOIN-1")
    (file,) = folder.rglob("*.json")
    file.unlink()
    make(file)
    assert latest_failures() == ("", [])
    remember(["JOIN-1"], "JOIN-1")
    assert last_failures(Role.SERVER, " localhost:1") == ["JOIN-1"]
