"""No text file, pipe or process is read or written in the encoding that the machine happens to have."""

import os
import subprocess
import sys

import pytest

from support.lacking import CHATPROOF
from support.paths import RUN_CLIENT, RUN_SERVER

ERRORS = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error::EncodingWarning"}


def run(*words, folder):
    return subprocess.run(
        words, cwd=folder, env={**os.environ, **ERRORS}, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )


def test_such_a_file_would_be_an_error(tmp_path):
    done = run(sys.executable, "-c", "open('a', 'w')", folder=tmp_path)
    assert b"EncodingWarning" in done.stderr


@pytest.mark.parametrize("words", [[RUN_SERVER, "--list"], [RUN_CLIENT, "--list"]], ids=["servers", "clients"])
def test_the_programs_that_prove_the_harness_name_their_encodings(words, tmp_path):
    done = run(sys.executable, *words, folder=tmp_path)
    assert done.stderr == b""
    assert done.returncode == 0


def test_the_commands_name_their_encodings(tmp_path):
    def chatproof(*words):
        done = run(*CHATPROOF, *map(str, words), folder=tmp_path)
        assert b"EncodingWarning" not in done.stderr, done.stderr.decode()
        return done

    assert chatproof("check", "--list").returncode == 0
    assert chatproof("explain", "JOIN-4").returncode == 0
    assert chatproof("completion", "zsh").returncode == 0
    assert chatproof("new", "server", "--language", "python", "chat").returncode == 0
    reports = ",".join(f"{kind}=report.{kind}" for kind in ("html", "json", "junit", "sarif", "md", "badge"))
    command = f"{sys.executable} {RUN_SERVER} private-to-everyone --port {{port}}"
    words = ["PRIVATE-2", "--fail-fast", "--save", "failures", "--report", reports, "--server-log", "log"]
    assert chatproof("check", "--command", command, *words).returncode == 1
    recordings = sorted((tmp_path / "failures").glob("*.ndjson"))
    assert recordings
    assert chatproof("check", "--transcript", recordings[0]).returncode in (0, 1)
    assert chatproof("validate", recordings[0]).returncode in (0, 1)
    assert chatproof("replay", recordings[0], "--command", command).returncode in (0, 1)
    assert chatproof("compare", "ONE=report.json", "TWO=report.json", "--html", "matrix.html").returncode in (0, 1)
