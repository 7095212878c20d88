"""``chatproof check`` neither reads nor writes anything in the folder where it is run."""

import os
import re
import subprocess
import sys

import pytest

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.engine.checking import examine
from chatproof_conformance.engine.conversations import explorer
from chatproof_conformance.engine.conversations.copies import Copies
from chatproof_conformance.engine.conversations.narrowing import Narrower
from chatproof_conformance.engine.findings_book import FindingsBook
from support.paths import RUN_CLIENT

SELECTED = ("--level", "1")
HOSTILE = {
    "conftest.py": "raise SystemExit('the conftest.py of the folder was read')\n",
    "test_error.py": "raise SystemExit('a test of the folder was collected')\n",
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n[tool.hypothesis]\nmax_examples = -1\n",
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
    "setup.cfg": "[tool:pytest]\naddopts = --no-such-option\n",
    # Modules of the standard library that the harness and the bundled server import.
    "queue.py": "raise SystemExit('a module of the folder was imported')\n",
    "selectors.py": "raise SystemExit('a module of the folder was imported')\n",
}


def verdicts(printed):
    return re.findall(r"^  \S [A-Z]+-\d+\b", printed, re.MULTILINE)


def test_no_file_is_left_behind(run_check, tmp_path):
    assert run_check(*SELECTED).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_failing_run_leaves_no_file_either(check_server, tmp_path):
    assert check_server("blank-line-refused", "FRAME-7", "--strict").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_foreign_files_have_no_influence(run_check, tmp_path):
    (plain := tmp_path / "plain").mkdir()
    (hostile := tmp_path / "hostile").mkdir()
    for name, text in HOSTILE.items():
        (hostile / name).write_text(text)
    here, there = run_check(*SELECTED, folder=plain), run_check(*SELECTED, folder=hostile)
    assert (there.returncode, there.stderr) == (0, "")
    assert verdicts(there.stdout) == verdicts(here.stdout)
    assert sorted(path.name for path in hostile.iterdir()) == sorted(HOSTILE)


@pytest.mark.parametrize("name", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"])
def test_foreign_environment_has_no_influence(run_check, name):
    done = run_check(*SELECTED, environment={**os.environ, name: "--no-such-option"})
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_can_be_run_where_no_script_is_on_the_path(tmp_path):
    words = [sys.executable, "-m", "chatproof_common.command_line.main", "check", *SELECTED]
    done = subprocess.run(words, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The server conforms." in done.stdout


def test_a_reader_that_stops_reading_gets_no_traceback(tmp_path):
    words = [sys.executable, "-m", "chatproof_common.command_line.main", "check", "--list"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


RIGHT_CLIENT = f"{sys.executable} -S -E {RUN_CLIENT} client-baseline"


@pytest.mark.parametrize(
    ("owner", "name", "number"),
    [(explorer, "cells_of", 3), (Copies, "play", 2), (Narrower, "__init__", 1), (FindingsBook, "__init__", 1)],
)
def test_an_error_of_ours_while_a_client_is_checked_leaves_no_verdict(monkeypatch, owner, name, number):
    whole, calls = getattr(owner, name), []

    def faulty(*words, **named):
        calls.append(words)
        if len(calls) == number:
            raise MemoryError("ours")
        return whole(*words, **named)

    monkeypatch.setattr(owner, name, faulty)
    with pytest.raises(MemoryError, match="ours"):
        examine(Role.CLIENT, RIGHT_CLIENT, Options(), RunListener())
