"""Submissions: which there are, how they are called, whether one has changed, and how it is copied."""

import os
import socket

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.grade.copying import TooLargeError, copy_submission
from chatproof_conformance.apps.grade.outcome import Graded, Outcome, load
from chatproof_conformance.apps.grade.submissions import digest, find_submissions


@pytest.fixture
def folder(tmp_path):
    for name in ("bob", "ann", ".git", "grades"):
        (tmp_path / "class" / name).mkdir(parents=True)
    (tmp_path / "class" / "notes.txt").write_text("no submission")
    return tmp_path / "class"


def names(found):
    return [(one.name, one.slug) for one in found]


def test_each_folder_in_a_folder_is_one(folder):
    found = find_submissions([str(folder)], single=False, besides=folder / "grades")
    assert names(found) == [("ann", "ann"), ("bob", "bob")]


def test_single_ones(folder, tmp_path):
    found = find_submissions([str(folder / "ann"), str(folder / "bob")], single=True, besides=tmp_path / "grades")
    assert names(found) == [("ann", "ann"), ("bob", "bob")]


def test_two_of_one_name_and_odd_names(folder, tmp_path):
    for name in ("ann", "A n/n"[:3], "..x \x1b[31m"):
        (tmp_path / "other" / name).mkdir(parents=True)
    (tmp_path / "other" / "ANN").mkdir()
    found = find_submissions([str(folder), str(tmp_path / "other")], single=False, besides=folder / "grades")
    assert names(found) == [
        ("ann", "ann"), ("bob", "bob"), ("A n", "A_n"), ("ANN (2)", "ANN-2"), ("ann (3)", "ann-3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nowhere"], "is no folder"), (["class/notes.txt"], "unpack it first"), (["class/ann"], "give --single")],
)
def test_what_is_no_class(words, said, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=said):
        find_submissions(words, single=False, besides=tmp_path / "grades")


def test_a_link_among_submissions_is_none(tmp_path):
    (tmp_path / "all" / "ann").mkdir(parents=True)
    (tmp_path / "all" / "bob").symlink_to("ann")
    with pytest.raises(CommandError, match="bob: is a link to ann, maybe somebody else's work"):
        find_submissions([str(tmp_path / "all")], single=False, besides=tmp_path / "out")


def test_a_change_of_a_file_a_name_a_link_or_a_permission_shows(folder):
    place = folder / "ann"
    seen = [digest(place)]
    (place / "a").write_text("1")
    seen.append(digest(place))
    (place / "a").write_text("2")
    seen.append(digest(place))
    (place / "a").chmod(0o755)
    seen.append(digest(place))
    (place / "a").rename(place / "b")
    seen.append(digest(place))
    (place / "l").symlink_to("b")
    seen.append(digest(place))
    (place / "empty").mkdir()
    seen.append(digest(place))
    assert len(set(seen)) == len(seen)
    os.utime(place / "b", (1, 1))
    assert digest(place) == seen[-1]


def test_a_copy_has_files_folders_and_links_and_says_what_it_lacks(folder, tmp_path):
    place, copy = folder / "ann", tmp_path / "copy"
    copy.mkdir()
    (place / "src").mkdir()
    (place / "src" / "run").write_text("x")
    (place / "src" / "run").chmod(0o555)
    (place / "outside").symlink_to("/etc/passwd")
    os.mkfifo(place / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place / "s")[-100:]) if len(str(place)) < 90 else None
    said = copy_submission(place, copy, 1000)
    assert said[0].endswith("left out, such as a pipe or a device")
    assert (copy / "src" / "run").stat().st_mode & 0o777 == 0o755
    assert (copy / "outside").is_symlink()
    assert not (copy / "pipe").exists()


def test_what_does_not_fit_is_refused(folder, tmp_path):
    (folder / "ann" / "big").write_bytes(bytes(2 << 20))
    with pytest.raises(TooLargeError, match="it has more than 1 MiB or 100000 files"):
        copy_submission(folder / "ann", tmp_path, 1 << 20)


def test_a_result_is_kept_whole_or_not_at_all(tmp_path):
    made = Graded(name="ann", slug="ann", key="k", outcome=Outcome.NO_BUILD, reason="x", notes=("a",), means=("b",))
    made.save(tmp_path / "ann.json")
    assert load(tmp_path / "ann.json") == made
    assert [path.name for path in tmp_path.iterdir()] == ["ann.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"chatproof": "graded", "version": 1}', "null", "\udcff"])
def test_what_is_no_result_is_graded_again(text, tmp_path):
    (tmp_path / "ann.json").write_text(text, "utf-8", "surrogateescape")
    assert load(tmp_path / "ann.json") is None
    assert load(tmp_path / "none.json") is None
