"""``chatproof bench`` with the addresses of several nodes, and the script that measures what the engine costs."""

import argparse
import re
import subprocess
import sys

import pytest

from chatproof_reference.commands.bench import COMMAND
from support.paths import ROOT

pytestmark = pytest.mark.needs("redis-server")


def test_a_load_on_two_nodes_is_one_load(nodes, capsys):
    servers = nodes()
    parser = argparse.ArgumentParser()
    COMMAND.configure(parser)
    places = [server.place for server in servers]
    assert COMMAND.run(parser.parse_args([*places, "--scenario", "clients=6,senders=4,window=2,seconds=0.3"])) == 0
    assert "all once and in order" in capsys.readouterr().out
    assert all(server.totals().connections == server.totals().joins for server in servers)
    assert all(server.totals().joins % 3 == 0 for server in servers)  # half of the clients, in each run
    assert sum(server.totals().public_messages for server in servers) > 0


def run_script(*words):
    script = ROOT / "tests" / "reference" / "bench" / "cluster.py"
    return subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False, timeout=100)


def test_what_the_engine_costs_is_written_into_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- cluster.py writes from here: how -->\nold\n<!-- to here -->\nafter\n", "utf-8")
    only = ("--only", "one node with the engine", "Redis pub/sub")
    load = ("--scenario", "clients=5,senders=4,seconds=0.3", "--rounds", "1")
    done = run_script(*only, *load, "--page", str(page))
    assert done.returncode == 0, done.stderr
    written = page.read_text("utf-8")
    heads = [line for line in written.splitlines() if line.startswith(("| Load", "| Micro"))]
    assert [line.count("|") for line in heads] == [5, 4]
    assert re.search(r"\| 5 clients, 4 sending, window 32 \| [\d.]+ M / [\d.]+ ms \| [\d.]+ M / [\d.]+ ms \|", written)
    assert re.search(r"\| 5 clients, 4 sending, window 32 \| [\d.]+ nodes \+ [\d.]+ Redis \| [\d.]+ Redis \|", written)
    assert "old" not in written


def test_a_page_with_no_place_for_it_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "page.md").write_text("nothing", "utf-8")
    done = run_script("--page", str(tmp_path / "page.md"))
    assert done.returncode == 2
    assert "expected the comments <!-- cluster.py writes from here" in done.stderr
