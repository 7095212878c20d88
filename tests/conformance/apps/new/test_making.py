"""``chatproof new`` writes servers at level 1, exactly, overwrites nothing, and its own tests pass."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from chatproof_conformance.apps.new.languages import LANGUAGES
from chatproof_conformance.apps.new.making import server_files
from chatproof_schemas import work_levels
from support.commands import chatproof

HERE = ["python", pytest.param("javascript", marks=pytest.mark.needs("node"))]
HERE += [pytest.param(name, marks=pytest.mark.needs(program)) for name, program in (("java", "javac"), ("go", "go"))]


def make(language, folder):
    code, output = chatproof("new", "server", "--language", language, folder)
    assert code == 0, output
    return LANGUAGES[language], output


def run(command, folder):
    words = [sys.executable if word == "python3" else word for word in command.split()]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_files_are_there_and_filled_in(language, tmp_path):
    made, output = make(language, tmp_path / "chat")
    texts = {name: (tmp_path / "chat" / name).read_text("utf-8") for name in server_files(language)}
    assert {"README.md", ".gitignore", ".github/workflows/chat.yml", made.source} <= set(texts)
    assert [name for name, text in texts.items() if re.search("@[A-Z]+@", text)] == []
    level = work_levels("server")[1]
    assert f"Level 2: {level.subject}** ({', '.join(level.ids)})" in texts["README.md"]
    assert "--level 1" in output
    assert not any("\r" in text or "\t\n" in text for text in texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ci_file_is_a_workflow_that_checks_the_level(language):
    steps = yaml.safe_load(server_files(language)[".github/workflows/chat.yml"])["jobs"]["test"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    made = LANGUAGES[language]
    assert commands[-1] == f'chatproof check --command "{made.run}" --level 1'
    assert made.test in commands
    assert (made.build in commands) == bool(made.build)


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    code, output = chatproof("new", "server", "--language", "python", tmp_path)
    assert code == 2
    assert "README.md is there already, and nothing is overwritten" in output
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    code, output = chatproof("new", "server", "--language", "python", tmp_path / "file" / "chat")
    assert code == 2
    assert "Not a directory" in output


@pytest.mark.parametrize("language", HERE)
def test_its_own_tests_pass(language, tmp_path):
    made, _ = make(language, tmp_path)
    for command in filter(None, (made.build, made.test)):
        done = run(command, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long("checks a server that is far from done, each time to the time limit")
@pytest.mark.parametrize("language", HERE)
def test_it_is_at_level_one_exactly(language, tmp_path, monkeypatch):
    made, _ = make(language, tmp_path)
    if made.build:
        assert run(made.build, tmp_path).returncode == 0
    monkeypatch.chdir(tmp_path)
    code, output = chatproof("check", "--command", made.run, "--level", "1", folder=tmp_path)
    assert code == 0, output
    chatproof("check", "--command", made.run, "--report", "json=report.json", folder=tmp_path)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["level"]["reached"] == 1
    assert report["level"]["next"]["level"] == 2
    assert "FRAME-2" in report["level"]["next"]["open"]


@pytest.mark.needs("gofmt")
def test_the_go_files_are_formatted(tmp_path):
    make("go", tmp_path)
    done = subprocess.run([shutil.which("gofmt"), "-l", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
