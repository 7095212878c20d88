"""No file is written that is read, or written as another, however it is named."""

import os
from pathlib import Path

import pytest

from chatproof_common.command_line.files import NamedFile, require_separate, writing
from chatproof_common.command_line.values import CommandError


def names(folder):
    """Return the names of one file in a folder: its own, and four by which it is less plainly named."""
    (file := folder / "file").write_text("precious")
    (folder / "symbolic").symlink_to("file")
    os.link(file, folder / "hard")
    (folder / "sub").mkdir()
    return [str(file), str(folder / "symbolic"), str(folder / "hard"), str(folder / "sub" / ".." / "file")]


@pytest.mark.parametrize("which", range(4))
def test_what_is_read_is_not_written_by_any_name(tmp_path, which):
    file, *_ = found = names(tmp_path)
    with pytest.raises(CommandError, match=f"--output .*: would overwrite {file}, which is read"):
        require_separate([NamedFile(file, file)], [NamedFile(f"--output {found[which]}", found[which])])
    assert Path(file).read_text() == "precious"


def test_standard_input_is_a_name_too(tmp_path):
    file, *_ = names(tmp_path)
    before = os.dup(0)
    with Path(file).open("rb") as stdin:
        os.dup2(stdin.fileno(), 0)
    try:
        for read, written in (("-", file), ("/dev/stdin", file), (file, "/dev/stdin")):
            with pytest.raises(CommandError, match="would overwrite"):
                require_separate([NamedFile(read, read)], [NamedFile("--output", written)])
    finally:
        os.dup2(before, 0)
        os.close(before)
    assert Path(file).read_text() == "precious"


def test_what_is_printed_into_what_is_read_would_never_end(tmp_path):
    file, *_ = names(tmp_path)
    before = os.dup(1)
    with Path(file).open("ab") as stdout:
        os.dup2(stdout.fileno(), 1)
    try:
        with pytest.raises(CommandError, match="standard output: would overwrite"):
            require_separate([NamedFile(file, file)], [])
        with pytest.raises(CommandError, match="is written as standard output too"):
            require_separate([], [NamedFile("--json", file)])
    finally:
        os.dup2(before, 1)
        os.close(before)


def test_two_that_are_new_are_one_if_a_link_makes_them_so(tmp_path):
    (tmp_path / "other").symlink_to("new")
    both = [NamedFile(name, str(tmp_path / name)) for name in ("new", "other")]
    with pytest.raises(CommandError, match="other: is written as new too; give each a file of its own"):
        require_separate([], both)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]
    assert not (tmp_path / "other").exists()


def test_a_device_is_no_file_and_several_files_are_several(tmp_path):
    (tmp_path / "in").touch()
    written = [NamedFile(name, str(tmp_path / name)) for name in ("a", "b")]
    devices = [NamedFile("first", os.devnull), NamedFile("second", os.devnull), NamedFile("third", "-")]
    require_separate([NamedFile("in", str(tmp_path / "in")), NamedFile("null", os.devnull)], [*written, *devices])
    assert [path.name for path in tmp_path.iterdir()] == ["in"], "none is made before it is needed"


def test_a_pipe_without_a_reader_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    require_separate([], [NamedFile("--output", str(tmp_path / "pipe"))])


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    for name, reason in ((str(tmp_path), "Is a directory"), (str(tmp_path / "no" / "file"), "No such file")):
        with pytest.raises(CommandError, match=f"--output: cannot be written: {reason}"):
            require_separate([], [NamedFile("--output", name)])
    with pytest.raises(CommandError, match="--output: no folder can be made there: Not a directory"):
        require_separate([], [NamedFile("--output", str(tmp_path / "file" / "a" / "b"), makes_folder=True)])
    with (
        pytest.raises(CommandError, match="--json x: cannot be written: No space left"),
        writing("--json x"),
        Path("/dev/full").open("w") as full,
    ):
        full.write("x")
    with pytest.raises(BrokenPipeError), writing("x"):
        raise BrokenPipeError
