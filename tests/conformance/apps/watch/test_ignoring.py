"""What git ignores, and what tools and editors write, starts no check."""

import os

import pytest

from chatproof_conformance.apps.watch.ignoring import Ignored

RULES = {
    ".gitignore": "build/\n*.db\n/chat\n!keep.db\n",
    "sub/.gitignore": "!wanted.db\ngenerated.*\n",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    for name, text in RULES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        *("build/server", "x.db", "chat", "sub/x.db", "sub/generated.go"),
        *(".git/index", "__pycache__/a.py", "node_modules/x/y.js", "a.pyc", "main.go~", ".main.go.swp", "4913"),
        *("server.log", "A.class", "target/debug/x"),
    ],
)
def test_it_does_not_matter(folder, name):
    assert folder / name in Ignored(folder)


@pytest.mark.parametrize("name", ["server.py", "keep.db", "sub/wanted.db", "sub/chat", "generated.go", "Makefile"])
def test_it_matters(folder, name):
    assert folder / name not in Ignored(folder)


def test_the_rules_of_the_repository_hold_in_a_folder_of_it(folder):
    assert folder / "sub" / "x.db" in Ignored(folder / "sub")


def test_changed_rules_are_read_again(folder):
    ignored = Ignored(folder)
    assert folder / "x.db" in ignored
    (folder / ".gitignore").write_text("# nothing\n")
    os.utime(folder / ".gitignore", (1, 1))
    assert folder / "x.db" not in ignored


def test_without_git_or_rules_only_the_usual_is_ignored(tmp_path):
    assert tmp_path / "x.db" not in Ignored(tmp_path)
    assert tmp_path / "x.log" in Ignored(tmp_path)


def test_what_we_write_is_ignored(folder):
    ignored = Ignored(folder, [folder / "cache", folder / "report.html"])
    assert folder / "cache" / "x" / "y.json" in ignored
    assert folder / "report.html" in ignored
    assert folder / "report.py" not in ignored
