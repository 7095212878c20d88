import os
import subprocess
import time

import pytest

from chatproof_common.system.removing import remove

SECONDS = 30.0


def test_a_folder_goes_with_all_that_is_in_it(tmp_path):
    top = tmp_path / "top"
    (top / "a" / "b" / "c").mkdir(parents=True)
    (top / "file").touch()
    for folder in (top / "a", top / "a" / "b", top / "a" / "b" / "c"):
        for number in range(10):
            (folder / f"\udcff\n{number}").touch()
    assert remove(top, SECONDS) is None
    assert list(tmp_path.iterdir()) == []
    assert remove(top, SECONDS) is None, "again is harmless"


@pytest.mark.parametrize("what", ["file", "link", "link inside", "dangling link"])
def test_no_link_is_followed(tmp_path, what):
    precious, top = tmp_path / "precious", tmp_path / "top"
    precious.mkdir()
    (precious / "keep").touch()
    if what == "file":
        top.touch()
    elif what == "link inside":
        (top / "deeper").mkdir(parents=True)
        for name in (top / "link", top / "deeper" / "link"):
            name.symlink_to(precious)
    else:
        top.symlink_to(precious if what == "link" else tmp_path / "nowhere")
    assert remove(top, SECONDS) is None
    assert not os.path.lexists(top)
    assert (precious / "keep").exists()


def test_folders_deep_in_each_other_are_no_harder_than_as_many_beside(tmp_path):
    top = tmp_path / "top"
    top.mkdir()
    inner = os.open(top, os.O_RDONLY)
    name = "d" * 100
    for _ in range(1_200):
        os.mkdir(name, dir_fd=inner)
        deeper = os.open(name, os.O_RDONLY, dir_fd=inner)
        os.close(inner)
        inner = deeper
    os.close(inner)
    assert remove(top, SECONDS) is None
    assert not top.exists()


def test_permissions_that_a_program_has_taken_from_itself_hold_nothing(tmp_path):
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "file").touch()
    for folder in (top / "a" / "b", top / "a", top):
        folder.chmod(0)
    assert remove(top, SECONDS) is None
    assert not top.exists()


def test_it_is_given_up_in_time(tmp_path):
    top = tmp_path / "top"
    top.mkdir()
    for number in range(50):
        (top / str(number)).touch()
    began = time.monotonic()
    assert remove(top, 0.0) == "there was no more time to remove all that is in it"
    assert time.monotonic() - began < SECONDS
    assert top.exists()


def test_what_cannot_be_removed_is_named_and_the_rest_removed(tmp_path):
    top = tmp_path / "top"
    (top / "a").mkdir(parents=True)
    (top / "file").touch()
    held = top / "a" / "held"
    held.touch()
    if subprocess.run(["chattr", "+i", str(held)], check=False, capture_output=True).returncode:
        pytest.skip("this user or file system can make no file immutable")
    try:
        assert remove(top, SECONDS) == f"{held}: Operation not permitted"
        assert [entry.name for entry in top.iterdir()] == ["a"]
    finally:
        subprocess.run(["chattr", "-i", str(held)], check=True)
    assert remove(top, SECONDS) is None
