"""The hook, run by pre-commit itself in a repository of somebody else's."""

import os
import shutil
import subprocess
import sys

import pytest

from support.paths import ROOT

NOT_OURS = shutil.ignore_patterns(
    ".git", ".*cache", ".venv", ".nox", "build", "__pycache__", "node_modules", ".hypothesis", "screenshots"
)
CONFIGURATION = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: chatproof-validate
"""


def git(folder, *words):
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *identity, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder):
    """Put all that is in a folder into a repository; return its only revision."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.long("pre-commit installs the project")
@pytest.mark.needs("git")
def test_the_hook_passes_and_fails_a_commit(tmp_path):
    shutil.copytree(ROOT, ours := tmp_path / "chatproof", ignore=NOT_OURS)
    (theirs := tmp_path / "theirs").mkdir()
    setting = CONFIGURATION.format(repository=ours, revision=repository(ours))
    (theirs / ".pre-commit-config.yaml").write_text(setting)
    (theirs / "notes.txt").write_text("no message\n")
    (theirs / "good.ndjson").write_text('{"type":"join","username":"ann"}\n')
    repository(theirs)

    def run_hook():
        environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "kept"), "PIP_NO_COMPILE": "1"}
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"]
        return subprocess.run(
            command, cwd=theirs, env=environment, check=False, capture_output=True, encoding="utf-8", timeout=280
        )

    done = run_hook()
    assert (done.returncode, "1 message, 0 invalid" in done.stdout) == (0, True), done.stdout + done.stderr
    (theirs / "bad.ndjson").write_text('{"type":"message","content":""}\n')
    git(theirs, "add", "bad.ndjson")
    done = run_hook()
    assert done.returncode == 1
    assert "bad.ndjson:1:29: /content: is empty" in done.stdout
    assert "2 messages, 1 invalid" in done.stdout
