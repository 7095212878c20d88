"""``chatproof check`` as its user runs it, a process in a folder of its own; and servers of the test's own."""

import functools

import pytest

from support.commands import run_command, server_command
from support.own_server import write_server


@pytest.fixture
def run_check(tmp_path):
    """Run ``chatproof check`` in an empty folder, to its end."""
    return functools.partial(run_command, "check", folder=tmp_path)


@pytest.fixture
def run_check_client(tmp_path):
    """Run ``chatproof check-client`` in an empty folder, to its end."""
    return functools.partial(run_command, "check-client", folder=tmp_path)


@pytest.fixture
def check_server(run_check):
    """Run ``chatproof check`` on one of the implementations, to its end."""
    return lambda name, *words: run_check(*server_command(name), *words)


@pytest.fixture
def own_server(tmp_path):
    """Write a server that differs from the baseline by the body of a class; return its path."""
    return lambda body: write_server(tmp_path / "server.py", body)
