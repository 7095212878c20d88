import time

import pytest

from chatproof_conformance.endpoints.process import shared_folder
from chatproof_conformance.endpoints.process.shared_folder import SharedFolder


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_folder.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(shared_folder, "_left", {})
    monkeypatch.setattr(shared_folder, "_taken", shared_folder._Taken())  # noqa: SLF001  each test is a run
    return tmp_path


def test_what_has_taken_its_place_goes_and_nothing_is_said(temporary_folder, capsys):
    precious = temporary_folder / "precious"
    precious.mkdir()
    (precious / "keep").touch()
    for replace in (lambda path: path.symlink_to(precious), lambda path: path.touch(), lambda _: None):
        folder = SharedFolder()
        folder.make()
        folder.path.rmdir()
        replace(folder.path)
        folder.remove()
    shared_folder._report()  # noqa: SLF001  what the end of the run calls
    assert list(temporary_folder.iterdir()) == [precious]
    assert (precious / "keep").exists()
    assert capsys.readouterr().err == ""


def test_what_cannot_be_removed_is_said_once_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(shared_folder, "remove", lambda path, _: f"{path}/a\nb: Operation not permitted")
    folder, other = SharedFolder(), SharedFolder()
    for one in (folder, other, folder):
        one.remove()
    for _ in range(2):
        shared_folder._report()  # noqa: SLF001  what the end of the run calls
    reason = f"is left, and 1 more of them: {folder.path}/a\\nb: Operation not permitted"
    assert capsys.readouterr().err == f"chatproof: {folder.path}, which the nodes shared, {reason}\n"


def test_many_folders_take_little_longer_than_one(monkeypatch):
    given = []

    def slow(_, seconds):
        given.append(seconds)
        time.sleep(0.05)

    monkeypatch.setattr(shared_folder, "remove", slow)
    monkeypatch.setattr(shared_folder, "_REMOVE_SECONDS", 0.04)
    monkeypatch.setattr(shared_folder, "_LEAST_SECONDS", 0.01)
    for _ in range(3):
        SharedFolder().remove()
    assert given == [0.04, 0.01, 0.01]
