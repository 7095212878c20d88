"""``chatproof check`` as its user runs it: a process in a folder of its own."""

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from implementations_under_test import RUN_SERVER


def server_command(name):
    """Return the words that check one of the servers of tests/servers, its operator included."""
    command = f"{sys.executable} -S -E {RUN_SERVER} {name} --port {{port}}"
    return ("--command", command, "--announce", "stdin")


@pytest.fixture
def run_check(tmp_path):
    """Run ``chatproof check`` in an empty folder, to its end."""
    return functools.partial(run_command, "check", folder=tmp_path)


@pytest.fixture
def run_check_client(tmp_path):
    """Run ``chatproof check-client`` in an empty folder, to its end."""
    return functools.partial(run_command, "check-client", folder=tmp_path)


def run_command(command, *words, folder, environment=None):
    """Run a command of chatproof in a folder, to its end."""
    return subprocess.run(
        [Path(sys.executable).with_name("chatproof"), command, *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def check_server(run_check):
    """Run ``chatproof check`` on one of the servers of tests/servers, to its end."""
    return lambda name, *words: run_check(*server_command(name), *words)
