"""The harness, which knows no engine, finds two nodes to be one server, also while one is lost, or Redis is."""

import re
import sys

import pytest

from support.commands import run_command

pytestmark = pytest.mark.needs("redis-server")
NODE = "-m chatproof_common.command_line.main server --headless --port {port} --cluster-chat {shared}"


@pytest.mark.long("a whole check of two nodes, one of which is paused for twice its bound")
def test_two_nodes_conform(shared_engine, tmp_path):
    command = f"{sys.executable} {NODE} --cluster {shared_engine.url}"
    words = ("--nodes", "2", "--command", command, "--announce", "stdin", "--time-limit", "250")
    done = run_command("check", *words, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"67 passed, 2 not tested of 69", done.stdout)


@pytest.mark.long("a whole check of two nodes, which are kept from their engine for longer than the bound")
def test_two_nodes_conform_whatever_happens_to_their_engine(tmp_path):
    command = f"{sys.executable} {NODE} --cluster redis://{{engine}}"
    engine = "redis-server --port {port} --bind 127.0.0.1 --save '' --appendonly no"
    words = ("--nodes", "2", "--command", command, "--engine", engine, "--announce", "stdin", "--time-limit", "250")
    done = run_command("check", *words, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"68 passed, 1 not tested of 69", done.stdout)
