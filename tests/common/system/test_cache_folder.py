import os

import pytest

from chatproof_common.system.cache_folder import keep, kept


def test_what_is_kept_can_be_read(tmp_path):
    file = tmp_path / "new" / "folder" / "file"
    keep(file, "first")
    keep(file, "é\ud800")
    assert kept(file) == "é\\ud800"
    assert list(file.parent.iterdir()) == [file]


def test_a_link_is_replaced_and_what_it_names_is_left_alone(tmp_path):
    (tmp_path / "other").write_text("mine")
    (tmp_path / "file").symlink_to(tmp_path / "other")
    keep(tmp_path / "file", "kept")
    assert (tmp_path / "other").read_text() == "mine"
    assert kept(tmp_path / "file") == "kept"


def test_a_pipe_is_replaced_without_waiting_for_its_reader(tmp_path):
    os.mkfifo(tmp_path / "file")
    keep(tmp_path / "file", "kept")
    assert kept(tmp_path / "file") == "kept"


def test_what_cannot_be_kept_leaves_nothing_behind(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="directory"):
        keep(tmp_path / "file", "kept")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_what_is_no_such_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "long").write_bytes(b" " * 2_000_000)
    for name in ("pipe", "device", "long", "missing", "."):
        with pytest.raises(OSError, match=r"is no file|is longer than"):
            kept(tmp_path / name)
